"""The pages and what they answer; all of them stand behind the guard."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from drugripple.app import answers
from drugripple.app.desk import Desk, Job
from drugripple.app.export import example_file, explanation_file
from drugripple.app.form import LEVELS, read_form
from drugripple.app.limits import Limits
from drugripple.app.question import Question
from drugripple.app.templates import page
from drugripple.app.uploads import upload_folder
from drugripple.app.why import Reasons
from drugripple.app.worker import Task
from drugripple.errors import ConfigError, printable
from drugripple.predict.page.answer import Answer
from drugripple.predict.page.meanings import MEANINGS

STATIC = Path(__file__).parent / "static"
MOST_FIELDS = 5000
LOADING_SECONDS = 60.0
EXAMPLE = "Example"
NO_ANSWER = "there is no answer to this question"


class Site:
    """The handlers, with the desk that they ask."""

    def __init__(self, desk: Desk, limits: Limits) -> None:
        """Pages before a desk."""
        self.desk, self.limits, self.uploads = desk, limits, Path()

    def routes(self) -> list[Route | Mount]:
        """Every address."""
        return [
            Route("/", self.form),
            Route("/help", self.help),
            Route("/ask", self.ask, methods=["POST"]),
            Route("/example", self.example, methods=["POST"]),
            Route("/example/{name}.csv", self.example_csv),
            Route("/questions/{id}", self.question),
            Route("/questions/{id}/state", self.state),
            Route("/questions/{id}/cancel", self.cancel, methods=["POST"]),
            Route("/questions/{id}/forget", self.forget, methods=["POST"]),
            Route("/questions/{id}/reasons", self.reasons),
            Route("/questions/{id}/explanation.html", self.explanation),
            *(Route(path, self._of_answer(show)) for path, show in answers.PAGES.items()),
            Route("/answers/{id}/why", self.why, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def form(self, request: Request) -> Response:
        """Where a question is put."""
        return await self._form(request)

    async def _form(self, request: Request, problem: str = "", status: int = 200) -> Response:
        loaded = await run_in_threadpool(self.desk.wait_until_loaded, LOADING_SECONDS)
        if self.desk.failure is not None:
            return page(request, "failed", 503, title="There is no model", failure=self.desk.failure, files=())
        if not loaded or self.desk.catalogue is None:
            return page(request, "loading", 503)
        return page(
            request, "form", status, catalogue=self.desk.catalogue, levels=LEVELS, limits=self.limits,
            jobs=self.desk.jobs(), problem=problem,
        )  # fmt: skip

    async def help(self, request: Request) -> Response:
        """What every number means."""
        return page(request, "help", limits=self.limits, meanings=MEANINGS)

    async def ask(self, request: Request) -> Response:
        """Put a question into the line, and show how far it is."""
        catalogue = self.desk.catalogue
        if catalogue is None:
            return await self._form(request)
        async with request.form(max_files=2, max_fields=MOST_FIELDS) as form:
            try:
                asked = await run_in_threadpool(read_form, form, catalogue, self.uploads)
            except ConfigError as error:
                return await self._form(request, str(error), 422)
        return self._ask(request, asked.question, asked.title, asked.folder)

    async def example(self, request: Request) -> Response:
        """Ask about some training samples and all compounds."""
        catalogue = self.desk.catalogue
        if catalogue is None:
            return await self._form(request)
        question = Question(catalogue.example_samples.samples, catalogue.compounds)
        return self._ask(request, question, EXAMPLE, None)

    def _ask(self, request: Request, question: Task, title: str, folder: Path | None) -> Response:
        job = self.desk.ask(question, printable(title)[:80], folder)
        if job is None:
            raise HTTPException(503, "too many questions wait; cancel one, or come back when they are answered")
        return self._to(request, f"questions/{job.id}")

    async def example_csv(self, request: Request) -> Response:
        """An example of a file to upload."""
        catalogue = self.desk.catalogue
        if catalogue is None:
            raise HTTPException(503, "the model is still being loaded")
        return example_file(catalogue, request.path_params["name"])

    async def question(self, request: Request) -> Response:
        """How far a question is, why it failed, or its answer."""
        job = self._job(request)
        if isinstance(job.answer, Answer):
            return self._to(request, f"answers/{job.id}")
        if isinstance(job.answer, Reasons):
            return self._to(request, f"questions/{job.id}/reasons")
        if job.failure is not None:
            return page(request, "failed", 422, title=job.title, failure=job.failure, files=job.failure.files)
        return page(request, "waiting", job=job)

    async def state(self, request: Request) -> Response:
        """How far a question is, for the script of its page."""
        job = self._job(request)
        step = {"what": job.step.what, "done": job.step.done, "total": job.step.total}
        return JSONResponse({"state": job.state.value, "over": job.state.over} | step)

    async def cancel(self, request: Request) -> Response:
        """Stop a question."""
        job = self._job(request)
        self.desk.cancel(job)
        await run_in_threadpool(job.over.wait, 10.0)
        return self._to(request, f"questions/{job.id}")

    async def forget(self, request: Request) -> Response:
        """Stop a question, and keep nothing of it."""
        self.desk.forget(self._job(request))
        return self._to(request, "")

    async def why(self, request: Request) -> Response:
        """Ask why a pair is predicted as it is."""
        job = self._job(request)
        if not isinstance(job.answer, Answer):
            raise HTTPException(404, NO_ANSWER)
        title, why = answers.why_of(request, job, job.answer)
        return self._ask(request, why, title, None)

    async def reasons(self, request: Request) -> Response:
        """Why a pair is predicted as it is."""
        job, found = self._reasons(request)
        return await run_in_threadpool(page, request, "reasons", job=job, report=found.report, back=found.back)

    async def explanation(self, request: Request) -> Response:
        """The same as a file to keep."""
        _, found = self._reasons(request)
        return await run_in_threadpool(explanation_file, found.report)

    def _reasons(self, request: Request) -> tuple[Job, Reasons]:
        job = self._job(request)
        if not isinstance(job.answer, Reasons):
            raise HTTPException(404, NO_ANSWER)
        return job, job.answer

    def _of_answer(self, show: answers.Page) -> answers.Endpoint:
        async def endpoint(request: Request) -> Response:
            job = self._job(request)
            if not isinstance(job.answer, Answer):
                raise HTTPException(404, NO_ANSWER)
            return await run_in_threadpool(show, request, job, job.answer)

        return endpoint

    def _job(self, request: Request) -> Job:
        job = self.desk.job(request.path_params["id"])
        if job is None:
            raise HTTPException(404, "this question is not known, or was forgotten meanwhile; ask again")
        return job

    @staticmethod
    def _to(request: Request, path: str) -> Response:
        return RedirectResponse(f"{request.scope['root_path']}/{path}", 303)


def make_site(model: Path | None, limits: Limits | None = None, temporary: Path | None = None) -> Starlette:
    """The application without its guard; it starts its worker when it starts, and ends it when it ends.

    Args:
        model: folder of a default model; that of this machine unless given.
        limits: what a question may cost.
        temporary: where uploads lie while they are read; the system's folder for temporary files unless given.
    """
    bounds = limits or Limits()
    site = Site(Desk(model, bounds), bounds)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with ExitStack() as stack:
            site.uploads = stack.enter_context(upload_folder(temporary))
            stack.enter_context(site.desk)
            yield

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        text = str(error.detail) if isinstance(error, HTTPException) else "internal error; please report it"
        return page(request, "refused", status, code=status, text=text)

    made = Starlette(
        routes=site.routes(), lifespan=lifespan, exception_handlers={HTTPException: refused, Exception: refused}
    )
    made.state.site = site
    return made
