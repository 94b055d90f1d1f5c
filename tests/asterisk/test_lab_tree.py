"""How the tree is made and how its absence is told, with a play apt in place of the real one."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from tools import asterisk_tree
from tools.asterisk_tree import STAMP, TreeUnavailable, ensure_tree

APT = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
*indextargets*) {targets} ;;
*print-uris*) {uris} ;;
*update*) {update} ;;
*download-only*) sleep 0.2; {download} ;;
esac
"""
DPKG = """#!/bin/sh
[ "$1" = --print-architecture ] && echo amd64 && exit
lib=$3/usr/lib/x86_64-linux-gnu
mkdir -p $lib/asterisk/modules $3/usr/sbin $3/usr/share/asterisk $3/etc/asterisk
touch $3/usr/sbin/asterisk $3/etc/asterisk/indications.conf
printf '#!/bin/sh\\necho Asterisk {version} built by a test\\n' > $lib/ld-linux-x86-64.so.2
chmod +x $lib/ld-linux-x86-64.so.2
"""


class Machine:
    """A machine whose apt, apt-config and dpkg are small scripts."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.cache = folder / "cache"
        self.log = folder / "apt.log"
        self.said: list[str] = []
        self.apt()
        self.dpkg()
        self._write("apt-config", "#!/bin/sh\necho 'Acquire::http::Proxy \"http://proxy\";'\n")

    def apt(
        self,
        targets: str = "echo http://mirror.test/debian/ bookworm",
        uris: str = ":",
        update: str = ":",
        download: str = "touch $(dirname $APT_CONFIG)/cache/archives/asterisk.deb",
    ) -> None:
        """Say what each call of apt-get does."""
        text = APT.format(
            log=self.log, targets=targets, uris=uris, update=update, download=download
        )
        self._write("apt-get", text)

    def dpkg(self, version: str = "22.9.0") -> None:
        """Say which version the packages hold."""
        self._write("dpkg", DPKG.format(version=version))

    def ensure(self, deadline_s: float = 20.0) -> Path:
        """Make the tree."""
        return ensure_tree(self.cache, deadline_s, self.said.append)

    def downloads(self) -> int:
        """How often packages were fetched."""
        return self.log.read_text().count("download-only") if self.log.exists() else 0

    def _write(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The play machine, first in PATH."""
    made = Machine(tmp_path)
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(asterisk_tree, "_KEYRING", keyring)
    monkeypatch.setattr(asterisk_tree, "_ROOM_NEEDED", 1)
    monkeypatch.setenv("PATH", f"{made.programs}:{os.environ['PATH']}")
    return made


def test_the_tree_is_made_once_and_says_where_its_programs_are(machine: Machine) -> None:
    tree = machine.ensure()
    stamp = json.loads((tree / STAMP).read_text())
    assert stamp["version"] == "Asterisk 22.9.0"
    for name in ("loader", "libraries", "asterisk", "modules", "data"):
        assert (tree / stamp[name]).exists(), name
    assert machine.ensure() == tree
    assert machine.downloads() == 1
    assert "mirror.test" not in "".join(machine.said)
    # Nothing but the tree and the lock is left, so nothing that names the mirror is either.
    assert {path.name for path in tree.parent.iterdir()} == {"tree", "lock"}


def test_two_at_once_make_one_tree(machine: Machine) -> None:
    trees: list[Path] = []
    makers = [threading.Thread(target=lambda: trees.append(machine.ensure())) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(20)
    assert trees == [machine.cache / "asterisk" / "tree"] * 2
    assert machine.downloads() == 1


def test_what_a_killed_maker_left_is_cleared(machine: Machine) -> None:
    left = machine.cache / "asterisk" / "making-before"
    half = machine.cache / "asterisk" / "tree" / "usr"
    left.mkdir(parents=True)
    half.mkdir(parents=True)
    machine.ensure()
    assert not left.exists()


def test_a_machine_without_package_lists_is_asked_for_its_addresses(machine: Machine) -> None:
    machine.apt(
        targets=":", uris="echo \"'http://mirror.test/debian/dists/bookworm/InRelease' name 0\""
    )
    machine.ensure()


def test_the_next_mirror_is_tried_when_one_fails(machine: Machine) -> None:
    machine.apt(
        targets="echo http://one.test/ a; echo http://two.test/ b",
        update="grep -q two.test $(dirname $APT_CONFIG)/sources.list",
    )
    machine.ensure()


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        ({"targets": ":"}, "knows no mirror"),
        ({"targets": "echo http://mirror.test/ bookworm-security"}, "knows no mirror"),
        ({"update": "echo 'E: Failed to fetch it'; exit 100"}, "update ended with 100: E: Failed"),
        ({"download": "echo 'E: Unable to locate'; exit 100"}, "install ended with 100"),
        ({"download": ":"}, "downloaded nothing"),
        ({"targets": "echo broken >&2; exit 1"}, "apt-get indextargets ended with 1: broken"),
    ],
)
def test_a_failure_names_its_reason_and_leaves_nothing(
    machine: Machine, acts: dict[str, str], reason: str
) -> None:
    machine.apt(**acts)
    with pytest.raises(TreeUnavailable, match=reason):
        machine.ensure()
    assert {path.name for path in (machine.cache / "asterisk").iterdir()} <= {"lock"}


def test_another_version_than_22_is_refused(machine: Machine) -> None:
    machine.dpkg(version="23.1.0")
    with pytest.raises(TreeUnavailable, match="now holds 'Asterisk 23"):
        machine.ensure()


def test_apt_that_hangs_is_ended_at_the_deadline(machine: Machine) -> None:
    machine.apt(update="sleep 60")
    with pytest.raises(TreeUnavailable, match="not done before the deadline"):
        machine.ensure(deadline_s=0.5)


def test_a_machine_without_apt_is_told_so(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(TreeUnavailable, match="has no apt-get, apt-config, dpkg"):
        machine.ensure()


def test_a_full_disk_is_told_before_anything_is_fetched(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asterisk_tree, "_ROOM_NEEDED", 10**18)
    with pytest.raises(TreeUnavailable, match="room for"):
        machine.ensure()
    assert machine.downloads() == 0


def test_a_place_that_cannot_be_written_is_named(machine: Machine) -> None:
    machine.cache.write_text("a file where a folder should be")
    with pytest.raises(TreeUnavailable, match="cannot write the tree below"):
        machine.ensure()


def test_the_cache_can_be_put_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAMKO_CACHE", str(tmp_path))
    assert asterisk_tree.cache_folder() == tmp_path
