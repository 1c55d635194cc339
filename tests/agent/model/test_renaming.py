"""Errors of the SDK and of its transport, in our words."""

import ssl

import httpx2
import openai

from agent.errors import ModelRefused
from agent.model.dialect import Endpoint
from agent.model.renaming import rename
from agent.model.retry import Again

SENT = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def response(status: int) -> httpx2.Response:
    return httpx2.Response(status, request=SENT)


def made(kind: type[Exception]) -> Exception:
    """An error of the SDK as the SDK itself would make it."""
    if issubclass(kind, openai.APIStatusError):
        status = getattr(kind, "status_code", 500)
        status = status if isinstance(status, int) else 500
        if kind.__name__ == "OAuthError":
            return kind(response=response(401), body=None)  # type: ignore[call-arg]
        return kind("words", response=response(status), body={"error": {"message": "words"}})
    if issubclass(kind, openai.APITimeoutError):
        return kind(request=SENT)
    if issubclass(kind, openai.APIConnectionError):
        return kind(message="words", request=SENT)
    if issubclass(kind, openai.APIResponseValidationError):
        return kind(response=response(200), body=None)
    if issubclass(kind, openai.APIError):
        return kind("words", SENT, body=None)
    bare = kind.__new__(kind)
    bare.args = ("words",)
    return bare


def descendants(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(descendants(one) for one in kind.__subclasses__()))


RENAMED = {
    "BadRequestError": ModelRefused,
    "AuthenticationError": ModelRefused,
    "OAuthError": ModelRefused,
    "PermissionDeniedError": ModelRefused,
    "NotFoundError": ModelRefused,
    "UnprocessableEntityError": ModelRefused,
    "ConflictError": Again,
    "RateLimitError": Again,
    "InternalServerError": Again,
    "APIStatusError": Again,
    "APIError": Again,
    "APIConnectionError": Again,
    "APITimeoutError": Again,
    "APIResponseValidationError": Again,
}


def test_no_error_of_the_sdk_slips_by() -> None:
    kinds = [kind for kind in descendants(openai.OpenAIError) if kind.__module__.startswith("openai")]
    assert {kind.__name__ for kind in kinds} >= RENAMED.keys()
    for kind in kinds:
        found = rename(made(kind), model="m", endpoint=Endpoint.of(None), keyed=True, timeout=1)
        assert type(found) is RENAMED.get(kind.__name__, ModelRefused), kind
        assert "\n" not in str(found)


def test_no_error_of_the_transport_slips_by() -> None:
    for kind in descendants(httpx2.HTTPError) | descendants(httpx2.StreamError):
        bare = kind.__new__(kind)
        bare.args = ("words",)
        found = rename(bare, model="m", endpoint=Endpoint.of(None), keyed=True, timeout=1)
        refused = kind in (httpx2.UnsupportedProtocol, httpx2.TooManyRedirects)
        assert isinstance(found, ModelRefused if refused else Again), kind
    slow = rename(httpx2.ReadTimeout("x"), model="m", endpoint=Endpoint.of(None), keyed=True, timeout=1)
    assert isinstance(slow, Again)
    assert slow.slow


def test_a_certificate_that_is_not_trusted_is_not_tried_again_and_names_the_setting() -> None:
    error = openai.APIConnectionError(request=SENT)
    error.__cause__ = httpx2.ConnectError("x")
    error.__cause__.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    found = rename(error, model="m", endpoint=Endpoint.of(None), keyed=True, timeout=1)
    assert isinstance(found, ModelRefused)
    assert "self-signed" in found.message
    assert found.hint is not None
    assert "SSL_CERT_FILE" in found.hint


def test_a_connection_that_is_not_made_in_time_is_tried_again_like_any_that_fails() -> None:
    error = openai.APITimeoutError(request=SENT)
    error.__cause__ = httpx2.ConnectTimeout("x")
    found = rename(error, model="m", endpoint=Endpoint.of(None), keyed=True, timeout=600)
    assert isinstance(found, Again)
    assert not found.slow
