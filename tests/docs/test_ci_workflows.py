"""The ready workflow files: what they pin and permit, that they have the shape their services publish, and that their steps really run."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, cast

import jsonschema
import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "docs" / "guides" / "ci"
JUDGED: Final = ("Judge the base", "Judge the change")
MARK: Final = "<!-- unless check -->"


def github() -> dict[str, Any]:
    """As GitHub reads it; PyYAML takes the key `on` for true."""
    held = yaml.safe_load((FOLDER / "github-actions.yml").read_text("utf-8"))
    return {("on" if key is True else key): value for key, value in held.items()}


def azure() -> dict[str, Any]:
    """As Azure DevOps reads it: every value is a text."""
    return yaml.load((FOLDER / "azure-pipelines.yml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - texts only


def github_steps(job: str) -> list[dict[str, Any]]:
    return github()["jobs"][job]["steps"]


def azure_steps(job: str) -> list[dict[str, Any]]:
    return next(j["steps"] for j in azure()["jobs"] if j["job"] == job)


def script(name: str) -> str:
    return next(s["run"] for s in github_steps("check") if s.get("name") == name)


def azure_script(job: str, name: str) -> str:
    return next(s["bash"] for s in azure_steps(job) if s.get("displayName") == name)


def test_every_action_is_pinned_to_the_commit_that_was_read() -> None:
    pinned = tomllib.loads((FOLDER / "actions.toml").read_text("utf-8"))["action"]
    known = {f"{a['name']}@{a['commit']} # {a['version']}" for a in pinned}
    lines = (FOLDER / "github-actions.yml").read_text("utf-8").splitlines()
    used = {line.split("uses: ")[1].replace("/upload-sarif@", "@") for line in lines if "uses: " in line}
    assert used == known


def test_the_pipelines_of_the_first_day_pin_the_same_commits() -> None:
    pinned = {a["name"]: (a["version"], a["commit"]) for a in tomllib.loads((FOLDER / "actions.toml").read_text("utf-8"))["action"]}
    used = tomllib.loads((ROOT / "stacks" / "bootstrap" / "facts.toml").read_text("utf-8"))["actions"].values()
    both = {name: (a["version"], a["commit"]) for a in used if (name := "/".join(a["uses"].split("/")[:2])) in pinned}
    assert len(both) >= 2
    assert both == {name: pinned[name] for name in both}


def test_what_runs_the_change_may_only_read_and_what_may_write_runs_nothing_of_it() -> None:
    workflow = github()
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert "actions/checkout" not in json.dumps(workflow["jobs"]["tell"])
    assert "secrets." not in (FOLDER / "github-actions.yml").read_text("utf-8")
    (checkout,) = [s for s in github_steps("check") if "actions/checkout" in s.get("uses", "")]
    assert checkout["with"]["persist-credentials"] is False
    assert azure_steps("check")[0]["persistCredentials"] == "false"
    assert azure_steps("tell")[0] == {"checkout": "none"}
    assert "AccessToken" not in json.dumps(azure_steps("check"))


def test_no_script_has_a_value_written_into_it() -> None:
    scripts = [s["run"] for job in github()["jobs"].values() for s in job["steps"] if "run" in s]
    scripts += [s["bash"] for job in azure()["jobs"] for s in job["steps"] if "bash" in s]
    assert len(scripts) > 5
    assert not any("${{" in s or "$(System" in s or "$(Build" in s for s in scripts)


@pytest.mark.parametrize("name", ["Install", *JUDGED])
def test_both_services_run_the_same_script(name: str) -> None:
    assert script(name) == azure_script("check", name)


@pytest.mark.parametrize(("schema", "held"), [("github-workflows", github()), ("azure-pipelines", azure())])
def test_the_files_have_the_shape_that_their_services_publish(schema: str, held: object) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema, which carries the published schemas, is not installed")
    published = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{schema}.json").read_text("utf-8"))
    validator: Any = jsonschema.Draft7Validator(published)
    assert [e.message[:300] for e in validator.iter_errors(held)] == []


def run(text: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script as the services run it: by bash, whose first failing line ends it."""
    given = {**os.environ, "STACKS": "landing-zone", "PYTHONPATH": str(folder), **environment}
    return subprocess.run(["bash", "-e", "-c", text], cwd=folder, env=given, capture_output=True, text=True, check=False)


def git(folder: Path, *arguments: str) -> None:
    person = ("-c", "user.name=A", "-c", "user.email=a@example.test", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *person, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this project as a service checks it out for a pull request: the merge of a change into its base.

    The change opens the account of the flow logs to the world. The step that installs is left to `python3 run.py`, which does the same.
    """
    folder = tmp_path_factory.mktemp("ci") / "project"
    folder.mkdir()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in listed:
        top = name.split("/")[0]
        if (ROOT / name).is_file() and top not in ("tests", "docs", "benchmarks"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in ("python", "unless"):
        write_program(folder / ".venv" / "bin" / name, _launcher(name))
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "base")
    git(folder, "switch", "--quiet", "--create", "change")
    opened = folder / "stacks" / "components" / "flow_log.py"
    opened.write_text(opened.read_text("utf-8").replace("allow_blob_public_access=False", "allow_blob_public_access=True"), "utf-8")
    git(folder, "commit", "--quiet", "--all", "--message", "change")
    git(folder, "switch", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--message", "merge", "change")
    return folder


def _launcher(name: str) -> str:
    """What an installed environment has under that name."""
    return f'#!/bin/sh\nexec "{sys.executable}" {"-m console " if name == "unless" else ""}"$@"\n'


def write_program(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture(scope="module")
def judged(merged: Path) -> tuple[Path, dict[str, subprocess.CompletedProcess[str]]]:
    return merged, {name: run(script(name), merged) for name in JUDGED}


@pytest.mark.slow
@pytest.mark.xdist_group("stacks")
def test_the_steps_judge_a_change_against_its_base(judged: tuple[Path, dict[str, subprocess.CompletedProcess[str]]]) -> None:
    folder, ran = judged
    assert ran["Judge the base"].returncode == 0, ran["Judge the base"].stderr
    assert ran["Judge the change"].returncode == 1, ran["Judge the change"].stderr
    reports = folder / "reports"
    names = {"base.json", "findings.json", "findings.sarif", "junit.xml", "assessment-results.json", "plan-of-action.json", "comment.md"}
    assert {p.name for p in reports.iterdir()} == names
    comment = (reports / "comment.md").read_text("utf-8")
    assert comment.startswith(MARK)
    assert "**storage-denies-public-access**" in comment.split("### New")[1]
    assert "`stacks/components/flow_log.py:" in comment
    states = [r["baselineState"] for r in json.loads((reports / "findings.sarif").read_text("utf-8"))["runs"][0]["results"]]
    assert "new" in states
    told = json.dumps({name: done.stdout + done.stderr for name, done in ran.items()})
    assert "Traceback" not in told


@pytest.mark.slow
@pytest.mark.xdist_group("stacks")
def test_a_base_that_does_not_rehearse_leaves_the_change_judged_alone(merged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(merged, folder, ignore=shutil.ignore_patterns("reports", ".unless"))
    broken = run(script("Judge the base"), folder, STACKS="no-such-stack")
    assert broken.returncode != 0
    assert not (folder / "reports" / "base.json").exists()
    done = run(script("Judge the change"), folder)
    assert done.returncode == 1
    assert "### Open" in (folder / "reports" / "comment.md").read_text("utf-8")


def test_the_comment_is_shown_on_the_runs_own_page(tmp_path: Path) -> None:
    shown = script("Show the comment on the run's own page")
    assert run(shown, tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md")).returncode == 0
    with_comment(tmp_path / "reports")
    run(shown, tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    assert (tmp_path / "summary.md").read_text("utf-8").startswith(MARK)


def test_code_scanning_gets_what_nothing_waives(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    golden = ROOT / "tests" / "cases" / "check-forms" / "findings.sarif"
    shutil.copyfile(golden, tmp_path / "reports" / "findings.sarif")
    leave_out = next(s["run"] for s in github_steps("tell") if s.get("name") == "Leave out what an exception waives")
    assert run(leave_out, tmp_path).returncode == 0
    before, after = (json.loads(f.read_text("utf-8"))["runs"][0]["results"] for f in (golden, tmp_path / "reports" / "open.sarif"))
    assert after == [r for r in before if not r["suppressions"]]
    assert len(after) < len(before)


def with_comment(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "comment.md").write_text(f"{MARK}\n## Golden rules: kept é\n", "utf-8")


@pytest.mark.parametrize(
    ("found", "method", "address"),
    [("", "POST", "repos/council/cloud/issues/7/comments"), ("42", "PATCH", "repos/council/cloud/issues/comments/42")],
)
def test_on_github_the_comment_is_made_once_and_then_renewed(tmp_path: Path, found: str, method: str, address: str) -> None:
    with_comment(tmp_path / "reports")
    (tmp_path / "bin").mkdir()
    answers = f'echo "$*" >> "{tmp_path}/asked"\ncase "$*" in *--paginate*) [ -z "{found}" ] || echo "{found}";; esac\n'
    write_program(tmp_path / "bin" / "gh", f"#!/bin/sh\n{answers}")
    told = next(s["run"] for s in github_steps("tell") if s.get("name") == "Comment")
    done = run(told, tmp_path, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}", REPOSITORY="council/cloud", NUMBER="7")
    assert done.returncode == 0, done.stderr
    last = (tmp_path / "asked").read_text("utf-8").splitlines()[-1]
    assert last == f"api --silent --method {method} {address} --field body=@reports/comment.md"


@contextmanager
def threads(held: list[dict[str, Any]]) -> Generator[tuple[str, list[tuple[str, str, Any]]]]:
    """The threads of a pull request as Azure DevOps answers for them, and what it is asked."""
    asked: list[tuple[str, str, Any]] = []

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            asked.append((self.command, self.path, json.loads(self.rfile.read(size)) if size else None))
            self.send_response(200 if self.headers["Authorization"] == "Bearer token" else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"value": held}).encode())

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent's name for it
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/council/", asked
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.mark.parametrize(
    ("held", "address"),
    [
        ([{"id": 1, "comments": [{"content": "else"}, {"content": None}, {}]}], "threads"),
        ([{"id": 5, "comments": [{"content": f"{MARK} old"}]}], "threads/5/comments"),
    ],
)
def test_on_azure_the_comment_goes_to_one_thread(tmp_path: Path, held: list[dict[str, Any]], address: str) -> None:
    with_comment(tmp_path / "CodeAnalysisLogs")
    with threads(held) as (collection, asked):
        done = run(
            azure_script("tell", "Comment"),
            tmp_path,
            SYSTEM_COLLECTIONURI=collection,
            SYSTEM_TEAMPROJECTID="project",
            BUILD_REPOSITORY_ID="repository",
            SYSTEM_PULLREQUEST_PULLREQUESTID="7",
            SYSTEM_ACCESSTOKEN="token",
            PIPELINE_WORKSPACE=str(tmp_path),
        )
    assert done.returncode == 0, done.stderr
    method, path, body = asked[-1]
    assert (method, path) == ("POST", f"/council/project/_apis/git/repositories/repository/pullRequests/7/{address}?api-version=7.0")
    told = body if address != "threads" else cast("list[Any]", body["comments"])[0]
    assert told["content"] == f"{MARK}\n## Golden rules: kept é\n"
