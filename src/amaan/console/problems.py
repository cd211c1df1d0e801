"""RFC 9457 problem details: the one place where errors become answers."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from amaan.kernel.errors import AmaanError

MEDIA_TYPE = "application/problem+json"
_CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
}

_log = structlog.get_logger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one part of the input; never repeats the input."""

    field: str
    reason: str


class Problem(BaseModel):
    """RFC 9457. ``code`` is stable; more members may follow, depending on the code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: object
) -> JSONResponse:
    """Return a problem answer; ``more`` become further members."""
    body: dict[str, object] = {
        "type": f"urn:amaan:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    body.update({name: value for name, value in more.items() if name not in body})
    return JSONResponse(body, status, media_type=MEDIA_TYPE, headers=headers)


def translate_errors(app: FastAPI) -> None:
    """Make every error of the application a problem answer."""
    app.add_exception_handler(AmaanError, _amaan_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(UnicodeError, _text_error)
    app.add_exception_handler(Exception, _fault)


async def _amaan_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AmaanError)
    return problem_of(error)


def problem_of(error: AmaanError) -> JSONResponse:
    """Return the answer for an error of ours."""
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Cookie"
    if error.status in (429, 503):
        headers["Retry-After"] = str(error.context.get("retry_after_s", 1))
    if error.status >= 500:
        _log.error("http.failed", code=error.code, detail=error.detail)
    return problem(error.status, error.code, error.detail, headers=headers, **error.context)


async def _validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(str(part) for part in found["loc"]), "reason": str(found["msg"])}
        for found in error.errors()[:50]
    ]
    first = fields[0] if fields else {"field": "", "reason": "cannot be read"}
    detail = f"{first['field']}: {first['reason']}"
    return problem(422, "invalid", detail, errors=fields)


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, f"http-{error.status_code}")
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, str(error.detail), headers=headers)


async def _text_error(_: Request, error: Exception) -> JSONResponse:
    del error  # its text repeats the input
    return problem(422, "invalid", "the text holds characters that are no Unicode text")


async def _fault(request: Request, error: Exception) -> JSONResponse:
    _log.error("http.fault", path=request.url.path, method=request.method, exc_info=error)
    return problem(500, "internal", "a fault of ours; the centre's log tells more")
