"""The canary's transaction: what it is between, in what currency, and the routes that only the canary calls."""

from __future__ import annotations

CURRENCY = "XTS"
"""ISO 4217's code for tests: no client can post in it, so that no total of a real currency holds the canary's."""

DEBIT_ACCOUNT, CREDIT_ACCOUNT = "canary:debit", "canary:credit"

POST_ROUTE = "POST /canary"
LOOK_ROUTE = "GET /canary/{id}"
ROUTES = (POST_ROUTE, LOOK_ROUTE)
"""They are authorized by IAM in every stage, because the canary has no token."""
