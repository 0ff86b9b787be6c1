#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `publish` writes: only what changed, by a role that may do no more, and nothing beside an older database."""
import json
import subprocess
import sys

from cluster import Cluster, expect
from harness.site import WAITING, run_tests


def only_what_changed_is_written_and_nothing_twice():
    with Cluster() as cluster:
        first = json.loads(cluster.publish("--json"))[0]
        expect((first["id"], first["published"], first["domains"]) == (1, True, 2), first)
        again = json.loads(cluster.publish("--json"))[0]
        expect((again["id"], again["published"], again["rows"]) == (1, False, 0), again)
        cluster.admin.mailctl("mailbox", "create", "cleo@one.example", "--alias", "c", "--no-password")
        one = json.loads(cluster.publish("--json"))[0]
        expect((one["id"], one["domains"], one["rows"]) == (2, 1, 3), f"the mailbox, its alias and the domain's row: {one}")
        kinds = cluster.database.sql("select local || ' ' || kind::text from mailctl.entry where generation = 2 order by local")
        expect(kinds.split("\n") == ["d", "c a", "cleo m"], kinds)
        cluster.admin.mailctl("mailbox", "delete", "cleo@one.example", "--yes")
        cluster.publish()
        gone = cluster.database.sql("select local from mailctl.entry where deleted order by local")
        expect(gone.split() == ["c", "cleo"], gone)
        full = json.loads(cluster.publish("--full", "--json"))[0]
        expect(not full["published"], full)


def full_repairs_what_another_hand_did():
    with Cluster() as cluster:
        cluster.publish()
        before = cluster.database.sql("select md5(string_agg(payload::text || local, ',' order by domain, local)) from mailctl.entry where not deleted")
        cluster.database.sql("update mailctl.entry set payload = 'x' where local = 'bob'; delete from mailctl.entry where local = 'info'")
        expect(not json.loads(cluster.publish("--json"))[0]["published"], "a publish without --full looks at the digests alone")
        done = json.loads(cluster.publish("--full", "--json"))[0]
        expect(done["published"] and done["rows"] == 4, done)
        after = cluster.database.sql("select md5(string_agg(payload::text || local, ',' order by domain, local)) from mailctl.entry where not deleted")
        expect(after == before, "not repaired")


def a_domain_that_goes_and_one_that_comes_back():
    with Cluster() as cluster:
        cluster.sync()
        cluster.admin.mailctl("domain", "delete", "two.example", "--confirm=two.example")
        cluster.sync()
        expect(cluster.nodes["b"].json("domain", "list") == [], "node b has it still")
        cluster.admin.mailctl("history", "revert", cluster.admin.json("history", "list")[0]["id"].__str__(), "--yes")
        cluster.sync()
        expect(len(cluster.nodes["b"].json("mailbox", "list", "two.example")) == 2, "it is not back")


def no_secret_is_published_but_hashes():
    with Cluster() as cluster:
        secret = open(cluster.admin.path("etc", "srs.secret"), encoding="utf-8").read().split()[0]
        cluster.publish()
        dump = cluster.database.sql("select encode(payload, 'escape') from mailctl.entry; select payload, srs_digest from mailctl.settings; "
                                    "select * from mailctl.node; select * from mailctl.generation")
        expect("[mailbox.ann]" in dump and "delivery.max_hops" in dump, dump)
        expect(secret not in dump and secret.encode().hex() not in dump, "the secret of SRS is there")
        expect("publish" not in dump and "journal" not in dump, "settings of one machine are there")


def roles_may_do_no_more_than_they_must():
    with Cluster() as cluster:
        cluster.publish()
        for user, statement in (("reader", "insert into mailctl.generation values (9, '')"), ("reader", "update mailctl.entry set deleted = true"),
                                ("reader", "delete from mailctl.node_status"), ("reader", "select mailctl.add_partition(7)"),
                                ("writer", "drop table mailctl.entry"), ("writer", "create table mailctl.x (y int)"),
                                ("writer", "insert into mailctl.node_status (name, generation) values ('x', 1)")):
            said = cluster.database.sql(statement, user, status=None)
            expect("permission denied" in said or "must be owner" in said, f"{user}: {statement}: {said}")
        cluster.database.sql(cluster.admin.mailctl("publish", "--init"))  # once more


def without_tables_the_remedy_is_named():
    with Cluster() as cluster:
        cluster.database.sql("drop schema mailctl cascade")
        error = json.loads(cluster.admin.mailctl("publish", "--json", status=1) or "{}")
        expect(error == {}, error)
        cluster.database.sql(cluster.admin.mailctl("publish", "--init"))
        cluster.publish()


def a_database_that_is_down_is_temporary_and_a_change_stands():
    with Cluster() as cluster:
        cluster.admin.mailctl("config", "set", "publish.auto=true")
        expect(cluster.generation() == 1, "publish.auto does not publish")
        cluster.admin.mailctl("mailbox", "create", "cleo@one.example", "--no-password")
        expect(cluster.generation() == 2, "a change is not published")
        cluster.admin.mailctl("mailbox", "create", "x@one.example", "--no-password", "-n")
        cluster.admin.mailctl("mailbox", "list")
        expect(cluster.generation() == 2, "what changes nothing publishes")
        cluster.database.stop()
        cluster.publish(status=75)
        cluster.admin.mailctl("mailbox", "create", "dan@one.example", "--no-password")
        cluster.database.start()
        cluster.publish()
        expect(cluster.generation() == 3, "what was changed meanwhile is not published")
        cluster.pull("a")
        expect(any(row["address"] == "dan@one.example" for row in cluster.nodes["a"].json("mailbox", "list")), "dan is not on a")


def an_older_database_is_refused_by_all_until_it_is_confirmed():
    with Cluster() as cluster:
        cluster.sync()
        backup = cluster.database.save()
        for name in ("cleo", "dan"):
            cluster.admin.mailctl("mailbox", "create", f"{name}@one.example", "--no-password")
            cluster.sync()
        cluster.database.restore(backup)
        cluster.publish(status=4)
        cluster.pull("a", status=4)
        expect(len(cluster.nodes["a"].json("mailbox", "list")) == 5, "what was in force went")
        state = {row["id"]: row for row in cluster.admin.json("node", "status")}["a"]
        expect("generation 1" in state["error"] and "generation 3" in state["error"], state)
        cluster.publish("--full", "--confirm=3", status=4)
        cluster.publish("--full", "--confirm=1")
        expect(cluster.generation() == 4, f"generation {cluster.generation()}")
        cluster.pull("a")
        cluster.pull("b")
        expect(len(cluster.nodes["a"].json("mailbox", "list")) == 5, "a lost a mailbox")
        expect(not json.loads(cluster.publish("--json"))[0]["published"], "there is more to publish")


def a_clock_that_goes_wrong_changes_nothing():
    with Cluster() as cluster:
        cluster.sync()
        cluster.database.sql("update mailctl.generation set at = now() + interval '5 years'")
        cluster.admin.mailctl("mailbox", "create", "cleo@one.example", "--no-password")
        cluster.sync()
        cluster.database.sql("update mailctl.generation set at = now() - interval '40 days'")
        cluster.admin.mailctl("mailbox", "create", "dan@one.example", "--no-password")
        cluster.sync()
        expect(len(cluster.nodes["a"].json("mailbox", "list")) == 5, cluster.nodes["a"].json("mailbox", "list"))


sys.exit(run_tests("nodes", [only_what_changed_is_written_and_nothing_twice, full_repairs_what_another_hand_did,
                             a_domain_that_goes_and_one_that_comes_back, no_secret_is_published_but_hashes, roles_may_do_no_more_than_they_must,
                             without_tables_the_remedy_is_named, a_database_that_is_down_is_temporary_and_a_change_stands,
                             an_older_database_is_refused_by_all_until_it_is_confirmed, a_clock_that_goes_wrong_changes_nothing], WAITING))
