"""Errors as problem details (RFC 9457): `application/problem+json` with a title, a status and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """An error as it is answered."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(
        description="What is wrong and what to do.", examples=["limit: Input should be less than 1001"]
    )


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "The request cannot be answered as it stands; the detail says why.",
        "content": {MEDIA_TYPE: {"schema": ProblemDetails.model_json_schema()}},
    }
}
"""What the OpenAPI description says of errors."""


class Problem(Exception):
    """An error to answer with."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def answer(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response for an error."""
    content = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(content, status.value, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let the application answer all errors so."""

    async def problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return answer(error.status, error.detail, error.headers)

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return answer(HTTPStatus(error.status_code), str(error.detail), error.headers)

    async def validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(_invalid(error)))

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, validation)


def _invalid(error: RequestValidationError) -> list[str]:
    """Each parameter with what is wrong with it."""
    return [f"{'.'.join(map(str, item['loc'][1:]))}: {item['msg']}" for item in error.errors()]
