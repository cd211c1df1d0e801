"""The report and the public's requests over HTTP, for those who handle them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from amaan.trust.audit.trail import trail_of
from amaan.trust.guards import permitted
from amaan.trust.model import Account
from amaan.trust.public.model import (
    Asker,
    Matter,
    PublicRequest,
    RequestKind,
    RequestState,
    Step,
)
from amaan.trust.public.page import html_of
from amaan.trust.public.report import Period
from amaan.trust.public.service import APPEALS, PublicService
from amaan.trust.public.words import Language

Handler = Annotated[Account, Depends(permitted("trust.handle_requests"))]
Decider = Annotated[Account, Depends(permitted("trust.decide_appeals"))]
Viewer = Annotated[Account, Depends(permitted("trust.view_report"))]
From = Annotated[date, Query(alias="from", description="First of a month.")]
To = Annotated[date, Query(alias="to", description="First of the month after the last one.")]
Size = Annotated[int | None, Query(ge=0, le=2**53, description="Entries of the log to count.")]
_JSON: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}}
}


class NewRequestBody(BaseModel):
    """What a person asks at the counter."""

    model_config = ConfigDict(extra="forbid")

    kind: RequestKind
    name: str = Field(min_length=1, max_length=200)
    contact: str = Field(min_length=1, max_length=500)
    plate: str | None = Field(default=None, max_length=24)
    text: str = Field(min_length=1, max_length=5_000)


class TextBody(BaseModel):
    """What was found, or why."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=5_000)


class DecisionBody(TextBody):
    """The last word on an appeal: ``upheld``, the person was right."""

    outcome: Literal["upheld", "dismissed"]


class StepView(BaseModel):
    """One step."""

    at: datetime
    by: UUID
    state: RequestState
    text: str

    @classmethod
    def of(cls, step: Step) -> StepView:
        """Show a step."""
        return cls(at=step.at, by=step.by, state=step.state, text=step.text)


class AppealView(BaseModel):
    """A request without who asks: as one who decides an appeal needs it."""

    id: UUID
    reference: str
    kind: RequestKind
    state: RequestState
    plate: str | None
    text: str
    received_at: datetime
    due_at: datetime
    overdue: bool
    answered_by: UUID | None
    history: list[StepView]

    @classmethod
    def of(cls, request: PublicRequest, now: datetime) -> AppealView:
        """Show an appeal."""
        return cls(
            id=request.id,
            reference=request.reference,
            kind=request.kind,
            state=request.state,
            plate=request.matter.plate,
            text=request.matter.text,
            received_at=request.received_at,
            due_at=request.due_at,
            overdue=request.is_overdue(now),
            answered_by=request.answered_by,
            history=[StepView.of(step) for step in request.history],
        )


class RequestView(AppealView):
    """A request with who asks."""

    name: str
    contact: str

    @classmethod
    def of(cls, request: PublicRequest, now: datetime) -> RequestView:
        """Show a request."""
        return cls(
            **AppealView.of(request, now).model_dump(),
            name=request.asker.name,
            contact=request.asker.contact,
        )


class RequestsView(BaseModel):
    """A page of requests, newest first; histories are empty here."""

    items: list[RequestView]
    next_cursor: str | None


class AppealsView(BaseModel):
    """A page of appeals, newest first; histories are empty here."""

    items: list[AppealView]
    next_cursor: str | None


def router(public: PublicService) -> APIRouter:
    """Return the routes under /api/trust for the report and requests."""
    routes = APIRouter(prefix="/api/trust", tags=["trust"])
    _add_report(routes, public)
    _add_requests(routes, public)
    _add_steps(routes, public)
    _add_appeals(routes, public)
    return routes


def _add_report(routes: APIRouter, public: PublicService) -> None:
    @routes.get("/report", response_class=Response, responses=_JSON)
    async def get_report(
        request: Request, _: Viewer, since: From, until: To, size: Size = None
    ) -> Response:
        """Return the transparency report over whole months, as canonical JSON."""
        trail_of(request).note(since=since.isoformat(), until=until.isoformat())
        content = await public.report(Period(since, until), size)
        return Response(content, media_type="application/json")

    @routes.get("/report.html", response_class=HTMLResponse)
    async def get_report_page(
        request: Request,
        _: Viewer,
        since: From,
        until: To,
        lang: Language = "en",
    ) -> HTMLResponse:
        """Return the same report for people, to be printed."""
        trail_of(request).note(since=since.isoformat(), until=until.isoformat())
        period = Period(since, until)
        content = await public.report(period)
        return HTMLResponse(html_of(content, lang, draft=not public.is_over(period)))


def _add_requests(routes: APIRouter, public: PublicService) -> None:
    @routes.post("/requests", status_code=201)
    async def receive_request(
        request: Request, body: NewRequestBody, account: Handler
    ) -> RequestView:
        """Take in what a person asks; the answer carries the reference to give them."""
        found = await public.receive(
            body.kind, Asker(body.name, body.contact), Matter(body.plate, body.text), account.id
        )
        return _noted(request, public, found)

    @routes.get("/requests")
    async def list_requests(
        request: Request,
        _: Handler,
        state: RequestState | Literal["all"] = "all",
        cursor: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> RequestsView:
        """Return requests, newest first."""
        states = list(RequestState) if state == "all" else [state]
        found = await public.page(states, cursor, limit + 1)
        trail_of(request).note(count=min(limit, len(found)))
        return RequestsView(
            items=[RequestView.of(each, public.now()) for each in found[:limit]],
            next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
        )

    @routes.get("/requests/{request_id}")
    async def get_request(request: Request, request_id: UUID, _: Handler) -> RequestView:
        """Return a request with its history."""
        found = await public.request(request_id)
        trail_of(request).note(reference=found.reference)
        return RequestView.of(found, public.now())


def _add_steps(routes: APIRouter, public: PublicService) -> None:
    async def step(
        request: Request, request_id: UUID, to: RequestState, account: Account, text: str
    ) -> RequestView:
        return _noted(request, public, await public.step(request_id, to, account.id, text))

    @routes.post("/requests/{request_id}/verify")
    async def verify_request(
        request: Request, request_id: UUID, body: TextBody, account: Handler
    ) -> RequestView:
        """Note how the person showed who they are."""
        return await step(request, request_id, RequestState.VERIFIED, account, body.text)

    @routes.post("/requests/{request_id}/answer")
    async def answer_request(
        request: Request, request_id: UUID, body: TextBody, account: Handler
    ) -> RequestView:
        """Note the answer that was given."""
        return await step(request, request_id, RequestState.ANSWERED, account, body.text)

    @routes.post("/requests/{request_id}/refuse")
    async def refuse_request(
        request: Request, request_id: UUID, body: TextBody, account: Handler
    ) -> RequestView:
        """Note the refusal and its reason; the person may appeal."""
        return await step(request, request_id, RequestState.REFUSED, account, body.text)

    @routes.post("/requests/{request_id}/appeal")
    async def appeal_request(
        request: Request, request_id: UUID, body: TextBody, account: Handler
    ) -> RequestView:
        """Note the person's appeal; another than who answered decides it."""
        return await step(request, request_id, RequestState.APPEALED, account, body.text)


def _add_appeals(routes: APIRouter, public: PublicService) -> None:
    @routes.post("/requests/{request_id}/decide")
    async def decide_appeal(
        request: Request, request_id: UUID, body: DecisionBody, account: Decider
    ) -> AppealView:
        """Give the last word on an appeal against somebody else's answer."""
        to = RequestState(body.outcome)
        found = await public.step(request_id, to, account.id, body.text)
        return AppealView.of(_note(request, found), public.now())

    @routes.get("/appeals")
    async def list_appeals(
        request: Request,
        _: Decider,
        cursor: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AppealsView:
        """Return what came to an appeal, newest first, without who asks."""
        found = await public.page(APPEALS, cursor, limit + 1)
        trail_of(request).note(count=min(limit, len(found)))
        return AppealsView(
            items=[AppealView.of(each, public.now()) for each in found[:limit]],
            next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
        )

    @routes.get("/appeals/{request_id}")
    async def get_appeal(request: Request, request_id: UUID, _: Decider) -> AppealView:
        """Return an appeal with its history, without who asks."""
        found = await public.appeal(request_id)
        trail_of(request).note(reference=found.reference)
        return AppealView.of(found, public.now())


def _note(request: Request, found: PublicRequest) -> PublicRequest:
    trail_of(request).note(reference=found.reference, kind=found.kind.value, step=found.state.value)
    return found


def _noted(request: Request, public: PublicService, found: PublicRequest) -> RequestView:
    return RequestView.of(_note(request, found), public.now())
