"""An OAuth client that knows nothing of Redtag but its address: the device grant (RFC 8628), and a
refresh token that is good once."""

import sys
import time

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session

url, shop = sys.argv[1:]
token_url = f"{url}/oauth/token"
begun = requests.post(
    f"{url}/oauth/device_authorization",
    data={"client_id": "somebody's reports", "scope": "read"},
    timeout=10,
).json()
print(begun["user_code"], flush=True)

client = OAuth2Session(
    "somebody's reports", token_endpoint_auth_method="none", token_endpoint=token_url
)
pause = begun["interval"]
while True:
    try:
        first = client.fetch_token(
            token_url,
            grant_type="urn:ietf:params:oauth:grant-type:device_code",
            device_code=begun["device_code"],
        )
        break
    except OAuthError as error:
        if error.error == "slow_down":
            pause += 5
        elif error.error != "authorization_pending":
            raise
        time.sleep(pause)


def works():
    answer = client.get(f"{url}/v1/shops/{shop}/changes", timeout=10)
    answer.raise_for_status()


def is_refused(token):
    try:
        client.refresh_token(token_url, refresh_token=token)
    except OAuthError as error:
        assert error.error == "invalid_grant", error
    else:
        raise AssertionError("it was taken")


works()
used = dict(first)["refresh_token"]
second = dict(client.refresh_token(token_url, refresh_token=used))
assert second["refresh_token"] != used
works()
third = dict(client.refresh_token(token_url, refresh_token=second["refresh_token"]))
works()
# A token that was used is somebody else's by now: the sign-in ends, for the newest one too.
is_refused(second["refresh_token"])
is_refused(third["refresh_token"])
