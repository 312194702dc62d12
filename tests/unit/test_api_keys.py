"""API keys and login links: what is stored, what is accepted, and until when."""

from __future__ import annotations

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tradewind.stack.api_keys import FILE, ApiKeyError, Keys, Role
from tradewind.stack.login_links import FOLDER, SECONDS, LoginLinks

URL = "http://127.0.0.1:8000"


def token(link: str) -> str:
    return link.partition("token=")[2]


def test_a_key_is_found_by_its_text_alone(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    text = keys.create("report", Role.READER)
    found = keys.find(text)
    assert found is not None and (found.name, found.role) == ("report", Role.READER)
    prefix, identifier, secret = text.split("_", 2)
    for wrong in ("", "_", text[:-1], text + "x", f"x{text}", f"{prefix}_{identifier}_", f"tw_0_{secret}"):
        assert keys.find(wrong) is None, wrong


def test_the_file_is_private_and_holds_no_secret(tmp_path: Path) -> None:
    text = Keys(tmp_path).create("report", Role.READER)
    file = tmp_path / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert text.split("_", 2)[2] not in file.read_text()


def test_a_key_that_another_process_made_or_revoked_counts_at_once(tmp_path: Path) -> None:
    here, there = Keys(tmp_path), Keys(tmp_path)
    assert here.find("tw_a_b") is None
    text = there.create("report", Role.READER)
    found = here.find(text)
    assert found is not None
    there.revoke(found.id)
    assert here.find(text) is None


def test_keys_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda number: Keys(tmp_path).create(str(number), Role.READER), range(24)))
    assert len(Keys(tmp_path).all()) == 24
    assert all(Keys(tmp_path).find(text) for text in texts)


def test_an_expired_key_is_refused_and_goes_with_the_next_change(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    expired = keys.create("session", Role.ANALYST, lifetime=timedelta(seconds=-1))
    good = keys.create("session", Role.ANALYST, lifetime=timedelta(hours=1))
    assert keys.find(expired) is None and keys.find(good) is not None
    assert len(keys.all()) == 1


def test_a_sellers_key_has_a_seller_and_no_other_key_has_one(tmp_path: Path) -> None:
    for role, seller in ((Role.SELLER, None), (Role.ANALYST, 7)):
        with pytest.raises(ApiKeyError, match="--seller"):
            Keys(tmp_path).create("x", role, seller)


def test_a_link_is_good_once(tmp_path: Path) -> None:
    links = LoginLinks(tmp_path)
    link = links.create(URL)
    assert link.startswith(f"{URL}/login?token=")
    with ThreadPoolExecutor(8) as pool:
        uses = list(pool.map(lambda _: links.use(token(link)), range(8)))
    assert sorted(uses) == [False] * 7 + [True]
    assert not links.use("") and not links.use("../api-keys.json")


def test_a_link_is_good_for_a_while(tmp_path: Path) -> None:
    links = LoginLinks(tmp_path)
    link = links.create(URL)
    [file] = (tmp_path / FOLDER).iterdir()
    assert token(link) not in file.name and stat.S_IMODE(file.stat().st_mode) == 0o600
    before = time.time() - SECONDS - 1
    os.utime(file, (before, before))
    assert not links.use(token(link))
    links.create(URL)
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
