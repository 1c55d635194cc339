"""The one door for errors of the SDK and of its transport: what each means in our words."""

from __future__ import annotations

import ssl

from agent.errors import ModelError, ModelRefused
from agent.model.dialect import Endpoint
from agent.model.retry import Again, judge

__all__ = ["CONNECT", "rename", "rename_transport"]

CONNECT = 10.0
"""Seconds within which a connection is made: a server that is there answers the telephone at once."""


def rename(error: Exception, *, model: str, endpoint: Endpoint, keyed: bool, timeout: float) -> Again | ModelError:
    """What an error of the SDK or of its transport means: the error to raise, or `Again`.

    Args:
        error: What was raised.
        model: The model's name as sent.
        endpoint: Where it was asked.
        keyed: Was a key of the user sent?
        timeout: Seconds that were waited for a reply.
    """
    import openai

    host = endpoint.host
    if isinstance(error, openai.APIStatusError):
        return judge(error.status_code, error.body, error.response.headers, model=model, host=host, keyed=keyed)
    if isinstance(error, openai.APIResponseValidationError):
        return Again(f"{host} sent something that is no reply")
    connecting = isinstance(error, openai.APIConnectionError)
    if isinstance(error, openai.APIError) and not connecting:
        return judge(200, error.body or error.message, {}, model=model, host=host, keyed=keyed)
    slow = isinstance(error, openai.APITimeoutError)
    return rename_transport(error, host=host, timeout=timeout, connecting=connecting, slow=slow)


def rename_transport(
    error: Exception, *, host: str, timeout: float, connecting: bool = False, slow: bool = False
) -> Again | ModelError:
    """What an error of the transport means, by itself or as the cause of one of the SDK; loads no SDK.

    Args:
        error: What was raised.
        host: Whom we asked, for people.
        timeout: Seconds that were waited for a reply.
        connecting: Is it known that no reply began?
        slow: Is it known that the time was over?
    """
    import httpx2

    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ModelRefused(
            f"the certificate of {host} is not trusted: {_root(causes)}",
            hint="behind a company's proxy, name its certificate in SSL_CERT_FILE",
        )
    if any(isinstance(cause, httpx2.ConnectTimeout) for cause in causes):
        return Again(f"{host} cannot be reached (no connection within {min(CONNECT, timeout):.2g} s)")
    if slow or isinstance(error, httpx2.TimeoutException):
        return Again(f"no reply from {host} within {timeout:.0f} s", slow=True)
    if any(isinstance(cause, httpx2.UnsupportedProtocol | httpx2.TooManyRedirects) for cause in causes):
        return ModelRefused(f"{host} cannot be asked: {_root(causes)}", hint="look at the base URL")
    if connecting or isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        return Again(f"{host} cannot be reached ({_root(causes)})")
    if isinstance(error, httpx2.HTTPError | httpx2.StreamError | OSError | EOFError):
        return Again(f"the reply of {host} broke off ({_root(causes)})")
    return ModelRefused(f"{host} cannot be asked: {_root(causes)}")


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def _root(causes: list[BaseException]) -> str:
    """The words of the innermost cause, which is where a connection's trouble is told."""
    said = next((str(cause) for cause in reversed(causes) if str(cause)), type(causes[0]).__name__)
    return " ".join(said.split())[:200]
