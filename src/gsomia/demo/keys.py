"""The step in which keys change while items are on their way: rotated by two, revoked by one, recovered by one."""

from concurrent.futures import ThreadPoolExecutor

from gsomia.demo.exchange import KR_JP, make_report, register
from gsomia.demo.stage import Document, Stage
from gsomia.demo.steps import Evidence, Step, Story, register_count

ITEMS = 8
"""Items on their way, in both directions, while keys change."""


def _keys_rotated(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    pids = _pids(stage)
    _rotate_under_traffic(story, evidence)
    _old_descriptor_refused(story, evidence)
    _revoke(story, evidence)
    _recover(story, evidence)
    evidence.check(_pids(stage) == pids, "no process was started again")
    for party in ("KOR", "JPN", "USA"):
        verified = stage.done(party, "audit", "verify")
        evidence.check(verified["ok"], f"{party}: logs signed with old and new keys verify")


def _rotate_under_traffic(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    items = []
    for number in range(ITEMS):
        sender, to, level = (("KOR", "JPN", "KOR-2"), ("JPN", "KOR", "JPN-3"))[number % 2]
        made = register(story, sender, make_report(story, f"while-keys-change-{number}.txt"), level=level)
        items.append((sender, to, made["item"]))
    before = {party: register_count(stage, party) for party in ("KOR", "JPN")}
    with ThreadPoolExecutor(2) as pool:
        releases = [pool.submit(_release, stage, *item) for item in items[: ITEMS // 2]]
        rotated = [stage.done(party, "keys", "rotate") for party in ("JPN", "KOR")]
        releases += [pool.submit(_release, stage, *item) for item in items[ITEMS // 2 :]]
        states = [release.result() for release in releases]
    evidence.check([one["number"] for one in rotated] == [2, 2], "Japan and Korea rotated all but their identities")
    for number, (sender, _, item) in enumerate(items):
        if states[number] != "received-by-node":
            stage.until(lambda s=sender, i=item: _state(stage, s, i) == "received-by-node", f"item {number} arrived")  # type: ignore[misc]
    after = {party: register_count(stage, party) for party in ("KOR", "JPN")}
    gained = {party: after[party] - before[party] for party in after}
    evidence.check(
        gained == {"KOR": ITEMS // 2, "JPN": ITEMS // 2},
        f"all are there, once: {gained}",
    )
    for party, other in (("KOR", "JPN"), ("JPN", "KOR")):
        stage.until(lambda p=party, o=other: _known(stage, p, o) == [1, 2], f"{party} heard of {other}'s keys")  # type: ignore[misc]
        hello = stage.done(party, "link", "test", other)
        evidence.check(hello["descriptor"] == 2, f"{party} reaches {other} under the new certificate")  # noqa: PLR2004  the second set
        stage.until(
            lambda p=party, o=other: _row(stage, p, o, 1)["calls"] is False,  # type: ignore[misc]
            f"{other} called {party} under its new certificate",
        )
        evidence.check(_row(stage, party, other, 2)["calls"], f"{party} takes {other}'s new certificate and no other")
        evidence.entry(party, party)
    evidence.figures["items"] = ITEMS


def _old_descriptor_refused(story: Story, evidence: Evidence) -> None:
    stage, prints = story.stage, story.made["prints"]
    old = stage.directory / "KOR.pin.json"
    new = stage.directory / "KOR.pin-2.json"
    stage.done("KOR", "party", "export", "--out", str(new))
    evidence.file(old)
    evidence.file(new)
    before = register_count(stage, "JPN")
    said = stage.call("JPN", "party", "pin", str(old), "--fingerprint", prints["KOR"])
    evidence.check(said.code == "parties/descriptor-old", "Korea's old descriptor is refused")
    evidence.refusal = {
        "exit": said.exit,
        "code": said.code,
        "clause": "DESIGN-4",
        "register_before": before,
        "register_after": register_count(stage, "JPN"),
    }
    control = stage.done("JPN", "party", "pin", str(new), "--fingerprint", prints["KOR"])
    outcome = {"permitted": control["descriptor"] == 2, **control}  # noqa: PLR2004  the second set
    evidence.control = {"changed": "the descriptor is the current one", "outcome": outcome}
    evidence.check(outcome["permitted"], "the current one is taken")


def _revoke(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    for party in ("KOR", "JPN", "USA"):
        stage.until(lambda p=party: _quiet(stage, p), f"everything {party} heard is cosigned")  # type: ignore[misc]
    revoked = stage.done("JPN", "keys", "revoke")
    evidence.check(revoked["number"] == 3, "Japan revoked every key it had and began anew")  # noqa: PLR2004  the third set
    evidence.check(revoked["disowned"] == [], "all it had signed was covered by a cosigned checkpoint, and counts")
    stage.until(lambda: _row(stage, "KOR", "JPN", 2)["counts"] is False, "Korea heard that Japan's keys are revoked")
    status = stage.done("KOR", "agreement", "status", "--instrument", KR_JP)
    evidence.check(status["state"] == "IN_FORCE", "the agreement Japan signed with a revoked key is in force still")
    item = register(story, "KOR", make_report(story, "after-revocation.txt"), level="KOR-2")["item"]
    evidence.check(_release(stage, "KOR", "JPN", item) == "received-by-node", "and items go on")


def _recover(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    node = stage.nodes["USA"]
    before = stage.done("USA", "party", "export")
    words = ("keys", "recover", "--recovery", str(node.directory / "keys" / "recovery.keys"))
    wrong = stage.call("USA", *words, secret=node.passphrase[1:])
    evidence.check(wrong.code == "storage/wrong-passphrase", "the recovery file opens with its passphrase alone")
    recovered = stage.done("USA", *words, secret=node.passphrase)
    evidence.check(recovered["working"] != before["working"], "the United States replaced its working identity")
    evidence.check(recovered["recovery"] == before["recovery"], "under its recovery identity")
    stage.until(lambda: _known(stage, "JPN", "USA") == [1, 2], "Japan heard it")
    evidence.check(stage.done("JPN", "link", "test", "USA")["descriptor"] == 2, "Japan reaches the new keys")  # noqa: PLR2004  the second set
    evidence.check(_row(stage, "JPN", "USA", 1)["counts"] is False, "the old ones count no longer")
    evidence.entry("JPN", "USA")


def _release(stage: Stage, sender: str, to: str, item: str) -> str:
    words = ("item", "release", item, "--to", to, "--wait", "30")
    said = stage.call(sender, *words, by="releaser")
    if said.code == "flows/keys-changed":  # the change fell between signing and writing: the same act again
        said = stage.call(sender, *words, by="releaser")
    return str(said.document.get("state", said.document))


def _state(stage: Stage, party: str, item: str) -> str:
    return str(stage.done(party, "item", "show", item)["deliveries"][0]["state"])


def _rows(stage: Stage, party: str, of: str) -> list[Document]:
    return list(stage.done(party, "keys", "list")["partners"][of])


def _row(stage: Stage, party: str, of: str, number: int) -> Document:
    return next(row for row in _rows(stage, party, of) if row["number"] == number)


def _known(stage: Stage, party: str, of: str) -> list[int]:
    return [row["number"] for row in _rows(stage, party, of)]


def _quiet(stage: Stage, party: str) -> bool:
    links = stage.call(party, "doctor").document["links"]
    return all(link["queued"] == 0 and link["cosigned"] == link["log"] for link in links)


def _pids(stage: Stage) -> dict[str, int]:
    return {party: node.process.pid for party, node in stage.nodes.items() if node.process is not None}


STEPS = (
    Step(
        id="keys-rotated",
        title="keys rotated under traffic, revoked, and recovered after theft",
        clauses=("DESIGN-4", "DESIGN-5", "G9-2"),
        play=_keys_rotated,
    ),
)
