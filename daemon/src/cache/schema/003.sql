-- What the board needs of each document, worked out once, so that it stands at once at a start. A
-- document without a row here is read whole.
CREATE TABLE rows (
    place INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    row BLOB NOT NULL
);

-- The words of notes, concerns and answers, under the places of the documents. The texts are not
-- kept a second time. Without positions, which no query asks for, it is half as large.
CREATE VIRTUAL TABLE words USING fts5 (
    said, content = '', contentless_delete = 1, detail = 'none',
    tokenize = 'unicode61 remove_diacritics 2'
);

-- Smaller pages and wider merges than usual: a merge of words then holds the thread for less than half
-- as long, and who saves an edit meanwhile waits for it; all merges together cost a little more.
INSERT INTO words (words, rank) VALUES ('pgsz', 1000);
INSERT INTO words (words, rank) VALUES ('automerge', 8);

-- Documents up to this place were looked through for the two tables above, but for those that have
-- changed since.
CREATE TABLE looked (through INTEGER NOT NULL);
INSERT INTO looked (through) VALUES (0);
CREATE TABLE changed (place INTEGER PRIMARY KEY);

CREATE TRIGGER document_changed AFTER UPDATE OF body ON documents BEGIN
    DELETE FROM rows WHERE place = old.place;
    INSERT OR IGNORE INTO changed (place) VALUES (old.place);
END;
CREATE TRIGGER document_gone AFTER DELETE ON documents BEGIN
    DELETE FROM rows WHERE place = old.place;
    INSERT OR IGNORE INTO changed (place) VALUES (old.place);
END;
