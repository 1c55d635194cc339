"""Passwords: what everyday commands carry is seen, what only looks alike is not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from memory.passwords import passwords_in, without_passwords
from memory.recall import NOTES, Recall, SecretFound


@pytest.mark.parametrize(
    "command",
    [
        "curl -u admin:{} http://db",
        "curl -sSu admin:{} http://db",
        "curl --user 'admin:{}' http://db -x p --proxy-user me:x%{}",
        'curl -u "admin:{}" http://db',
        "sshpass -p {} ssh host",
        "sshpass -p'{}' ssh host",
        "mysql -uroot -p{} db",
        "mysqldump -u root -p{} db > all.sql",
        "docker login -u me -p {}",
        "docker login registry.example.org --username me --password={}",
        "redis-cli -h db -a {} ping",
        "smbclient -U me%{} //h/s",
        "lftp -u me,{} ftp.example.org",
        "echo {} | sudo -S apt update",
        "echo '{}' | sudo -kS apt update",
        "printf '%s\\n' {} | docker login --password-stdin",
        "echo me:{} | chpasswd",
        "sudo -S true <<< {}",
        "psql postgres://u:{}@h/db",
        "git clone https://me:{}@example.org/a.git",
        "gh api --token {}",
        "unzip -P {} a.zip",
        "7z x -p{} a.7z",
        "openssl enc -pass pass:{} -in a",
        "plink -pw {} host",
        "cd a && sshpass -p {} ssh h; ls",
        "sudo /usr/bin/redis-cli -a {}",
        "把 sshpass -p {} 写进脚本",
        "curl 'http://db?a=1&b=2' -u admin:{}",
        "curl \\\n  -u admin:{} \\\n  http://db",
        "docker login -u me -p{}",
        "MYSQL_PWD={} mysql db",
        "sqlplus me/{}@db",
        r"net use z: \\h\s /user:me {}",
        r"net use z: \\h\s {} /user:me",
        "net user me {} /add",
    ],
)
def test_the_password_of_a_command_is_seen_and_nothing_else_of_it(command: str) -> None:
    told = command.replace("{}", "hunter2")
    assert {told[start:end].removeprefix("x%").strip("'").removeprefix("me:") for start, end in passwords_in(told)} == {
        "hunter2"
    }
    assert "hunter2" not in without_passwords(told, "[mark]")
    assert without_passwords(told, "[mark]").count("[mark]") == command.count("{}")


@pytest.mark.parametrize(
    "command",
    [
        *("ssh -p 2222 host", "mkdir -p a/b", "docker run -p 8080:80 web", "ls -a folder", "sort -k 2 a", "cp -a x y"),
        *("curl -k https://db:8443/x", "curl -u admin http://db:80/", "mysql -u root -p db", "mysql -hprod-db -u me"),
        *("curl -u admin:$PASS http://db", 'sshpass -p "$PW" ssh h', "sshpass -p <password> ssh h", "redis-cli -a ***"),
        *("echo done | sudo tee a", "echo hunter2 | wc", "git clone git@example.org:a/b.git", "see http://db:80/a@b"),
        *("redis-cli -a is how it logs in", "The option --token is needed", "zip -r a.zip b", "net use", "grep -p x"),
        *("gh auth login --with-token < file", "echo $PW | sudo -S apt update", "a -> b", ""),
    ],
)
def test_what_only_looks_alike_is_none(command: str) -> None:
    assert [command[start:end] for start, end in passwords_in(command)] == []
    assert without_passwords(command, "[mark]") == command


def test_a_long_text_of_many_beginnings_takes_no_long_time() -> None:
    for piece in (
        "curl -u ",
        "echo a ",
        "docker ",
        "sudo -",
        "--token ",
        "a://b:",
        "mysql -p",
        "curl '",
        'net use "',
        "net user ",
        "curl \"' ",
        "sqlplus a ",
    ):
        began = time.monotonic()
        list(passwords_in(piece * (60_000 // len(piece))))
        assert time.monotonic() - began < 3, piece


def test_a_note_with_the_password_of_a_command_is_not_kept(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", rules=NOTES) as recall, pytest.raises(SecretFound, match="password in a comm"):
        recall.add("Look with: redis-cli -a hunter2 ping")
