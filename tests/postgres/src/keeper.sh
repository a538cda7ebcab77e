# Keeps one PostgreSQL: makes it in a directory of its own, starts and stops it as it is told,
# and when nobody can tell it anything any more, stops it and removes the directory.
#
# $1 where the directory is made, $2 initdb, $3 postgres. Standard input gives the administrator's
# password, then orders, a line each; its end is the end of whoever gave them, however it came.
# Standard output tells the directory, then “made”, or in words why not.
umask 077
# A terminal's or a runner's signals end the holder; here they must not come first.
trap '' HUP INT TERM PIPE
read -r password || exit 0
dir=$(mktemp -d "$1/rtpgXXXXXX" 2>&1) || { echo "$dir"; exit 1; }
trap 'rm -rf "$dir"' EXIT
echo "$dir"
printf '%s\n' "$password" >"$dir/password"
"$2" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" --auth=trust \
    --encoding=UTF8 --locale=C --no-sync --no-instructions </dev/null >"$dir/log" 2>&1 ||
    { cat "$dir/log"; exit 1; }
rm -f "$dir/password"
echo made

job=
while read -r order argument; do
    case $order in
    start)
        rm -f "$dir/pid" "$dir/ended"
        (
            "$3" -D "$dir/data" -p "$argument" </dev/null >>"$dir/log" 2>&1 &
            echo $! >"$dir/pid"
            wait $!
            echo $? >"$dir/ended"
        ) >/dev/null 2>&1 &
        job=$!
        ;;
    signal)
        [ -e "$dir/ended" ] || kill -"$argument" "$(cat "$dir/pid")"
        ;;
    esac
done 2>/dev/null

if [ -n "$job" ]; then
    # The order to start may be the one before this end.
    until [ -s "$dir/pid" ]; do :; done
    # Immediately: nothing of this is wanted again.
    [ -e "$dir/ended" ] || kill -QUIT "$(cat "$dir/pid")" 2>/dev/null
    wait "$job"
fi
