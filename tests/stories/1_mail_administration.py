#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail administration for administrators: accounts, aliases, forwards, and who gets a leaver's mail."""
from story import Story  # first: it knows where the harness is
from harness.site import expect

with Story("mail administration") as story:
    with story.step("the administrator makes a domain and an account for a user"):
        story.run("domain create company.example")
        story.run("mailbox create mary@company.example --name Mary --password-stdin", stdin="a good password\n")
        expect(story.rows("mailbox list company.example")[0][:4] == ["mary@company.example", "Mary", "active", "set"], "list")
        with story.gains("mary@company.example"):
            story.taken("mary@company.example")
    with story.step("sales and info are aliases: mail for them ends up in the same mailbox"):
        story.run("alias create sales info mary@company.example")
        with story.gains("mary@company.example", 2):
            story.taken("sales@company.example")
            story.taken("INFO@company.example")
        with story.gains("mary@company.example"):  # one message to both: one copy
            story.taken("sales@company.example", "info@company.example")
    with story.step("mail for a forward is sent on to the address elsewhere instead of being stored"):
        story.run("forward create office@company.example boss@elsewhere.example")
        with story.goes_out():
            story.taken("office@company.example")
        expect(story.sink.messages[-1][1] == ["boss@elsewhere.example"], "recipient outside")
    with story.step("all accounts of the domain are listed and can be changed"):
        story.run("mailbox create tom@company.example --no-password")
        story.run("mailbox set tom@company.example name=Tom quota=1G")
        expect([row[0] for row in story.rows("mailbox list company.example")] == ["mary@company.example", "tom@company.example"], "list")
        expect(story.rows("mailbox list company.example")[1][1] == "Tom", "name")
    with story.step("aliases and forwards are listed, changed and deleted"):
        story.run("alias move info tom@company.example")
        story.run("forward set office@company.example to+=mary")
        with story.gains("tom@company.example"):
            story.taken("info@company.example")
        with story.gains("mary@company.example"), story.goes_out():
            story.taken("office@company.example")
        story.run("alias delete sales@company.example")
        story.run("forward delete office@company.example")
        story.refused("sales@company.example", "550")
        story.refused("office@company.example", "550")
    with story.step("a robot thanks everybody who writes, and a copy of his mail goes to a user"):
        story.run("robot create feedback@company.example --subject Thanks --message-file - --copy-to mary@company.example",
                  stdin="We have received your mail.\nSomebody will read it.\n")
        with story.gains("mary@company.example"), story.replies("customer@outside.example") as replies:
            story.taken("feedback@company.example", sender="customer@outside.example")
        expect(replies[0]["Subject"] == "Thanks" and "Somebody will read it." in replies[0].get_content(), str(replies[0]))
    with story.step("robots are listed, changed and deleted"):
        expect(story.rows("robot list company.example")[0][0] == "feedback@company.example", "robot list")
        story.run("robot set feedback@company.example subject=Received copy_to-=mary@company.example copy_to+=tom")
        with story.gains("tom@company.example"), story.gains("mary@company.example", 0), story.replies("other@outside.example") as replies:
            story.taken("feedback@company.example", sender="other@outside.example")
        expect(replies[0]["Subject"] == "Received", str(replies[0]))
        story.run("robot delete feedback@company.example --yes")
        story.refused("feedback@company.example", "550")
    with story.step("a name that is taken is refused, and the answer says who has it"):
        story.run("mailbox create info@company.example --no-password", status=4)
        expect("alias of mailbox 'tom'" in story.run("explain info@company.example"), "holder")
    with story.step("a user is deleted, and his mail goes to another account in the future"):
        story.run("mailbox delete tom@company.example", status=2)  # nobody is there to be asked
        story.run("mailbox delete tom@company.example --redirect-to mary@company.example --yes")
        with story.gains("mary@company.example"):
            story.taken("tom@company.example")
    with story.step("all of it stands in the history, and can be undone"):
        number = story.rows("history list")[0][0]
        story.run(f"history revert {number} --yes")
        with story.gains("tom@company.example"), story.gains("mary@company.example", 0):
            story.taken("tom@company.example")
