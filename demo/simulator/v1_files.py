"""The file calls of V1 as routes: retrieve, its content, upload, list and delete (MiniMax docs, file management).

Errors come as in the rest of V1; only an upload that breaks the limits is answered HTTP 400.
"""

import asyncio
from typing import Any, cast

from aiohttp import web

from demo.simulator.answers import Payload, base_resp
from demo.simulator.bodies import as_id, parse
from demo.simulator.calls import Calls
from demo.simulator.codes import ServiceError
from demo.simulator.dialects import V1_DIALECT
from demo.simulator.faults import FILES, RETRIEVE
from demo.simulator.files import INPUT, OUTPUT, PURPOSES, StoredFile, judge_input
from demo.simulator.service import Simulator, film_order


class V1Files:
    """The file routes of one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        """Answer from the given books.

        Args:
            simulator: Whose.
        """
        self._simulator = simulator
        self._calls = Calls(simulator, V1_DIALECT)

    def routes(self) -> list[web.RouteDef]:
        """What to add to an application."""
        return [
            web.get("/v1/files/retrieve", self.retrieve),
            web.get("/v1/files/retrieve_content", self.content),
            web.post("/v1/files/upload", self.upload),
            web.get("/v1/files/list", self.list),
            web.post("/v1/files/delete", self.delete),
        ]

    async def retrieve(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/files/retrieve?file_id=`: a link to a finished film, good for an hour; or what is known of an upload."""
        simulator = self._simulator
        file_id = as_id(request.query.get("file_id"))
        task = simulator.finished(file_id)

        async def honest() -> Payload:
            account = self._calls.account(request)
            if file := simulator.files.get(file_id, account, simulator.now()):
                return {"file": _about(file), "base_resp": base_resp()}
            if task is None or task.account != account:
                raise ServiceError.invalid("file_id not found")
            film = await simulator.films.get(film_order(task.order))
            about = {
                "file_id": task.file_id,
                "bytes": film.size,
                "created_at": int(task.ends_at),
                "filename": "output.mp4",
                "purpose": OUTPUT,
                "download_url": simulator.new_link(task, secure=request.secure),
            }
            return {"file": about, "base_resp": base_resp()}

        return await self._calls.respond(request, RETRIEVE, honest, task=task)

    async def content(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/files/retrieve_content?file_id=`: the bytes of an upload or of a finished film."""
        simulator = self._simulator
        file_id = as_id(request.query.get("file_id"))
        task = simulator.finished(file_id)
        found: list[web.Response] = []

        async def honest() -> Payload:
            account = self._calls.account(request)
            if file := simulator.files.get(file_id, account, simulator.now()):
                found.append(web.Response(body=file.content, content_type="application/octet-stream"))
            elif task is None or task.account != account:
                raise ServiceError.invalid("file_id not found")
            else:
                film = await simulator.films.get(film_order(task.order))
                found.append(web.Response(body=film.part(0, film.size), content_type="video/mp4"))
            return {}

        answered = await self._calls.respond(request, FILES, honest, task=task)
        return found[0] if found else answered

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/files/upload`, a form of `purpose` and `file`: keep a file."""
        form = await request.post()
        purpose, file = form.get("purpose"), form.get("file")

        async def honest() -> Payload:
            account = self._calls.account(request)
            if purpose not in PURPOSES or not isinstance(purpose, str):
                raise ServiceError.invalid("purpose not support")
            if not isinstance(file, web.FileField):
                raise ServiceError.invalid("file is required")
            content = file.file.read()
            try:
                if purpose == INPUT:
                    await asyncio.to_thread(judge_input, content)
            except ServiceError as error:
                raise ServiceError(error.code, error.text, v1_status=400) from error
            kept = self._simulator.keep_file(account, file.filename, purpose, content)
            return {"file": _about(kept), "base_resp": base_resp()}

        return await self._calls.respond(request, FILES, honest)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/files/list?purpose=`: the uploads for a purpose, or all (mmx-cli 1.0.27 names none). Films are not listed."""

        async def honest() -> Payload:
            account = self._calls.account(request)
            purpose = request.query.get("purpose") or None
            if purpose not in (None, *PURPOSES):
                raise ServiceError.invalid("purpose not support")
            files = self._simulator.files.of(account, purpose, self._simulator.now())
            return {"files": [_about(file) for file in files], "base_resp": base_resp()}

        return await self._calls.respond(request, FILES, honest)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/files/delete` `{"file_id": 1, "purpose": "video_generation"}`: forget an upload or a finished film.

        The purpose may be left out, as mmx-cli 1.0.27 does.
        """
        simulator = self._simulator
        body = parse(await request.read())
        fields: dict[str, Any] = cast("dict[str, Any]", body) if isinstance(body, dict) else {}

        async def honest() -> Payload:
            account = self._calls.account(request)
            file_id, purpose = as_id(fields.get("file_id")), fields.get("purpose")
            if file := simulator.files.get(file_id, account, simulator.now()):
                if purpose not in (None, file.purpose):
                    raise ServiceError.invalid("purpose does not match the file")
                simulator.files.remove(file_id)
            elif (task := simulator.finished(file_id, account)) and purpose in (None, OUTPUT):
                simulator.forget_film(task)
            else:
                raise ServiceError.invalid("file_id not found")
            return {"file_id": file_id, "base_resp": base_resp()}

        return await self._calls.respond(request, FILES, honest)


def _about(file: StoredFile) -> Payload:
    return {
        "file_id": file.file_id,
        "bytes": len(file.content),
        "created_at": int(file.created_at),
        "filename": file.filename,
        "purpose": file.purpose,
    }
