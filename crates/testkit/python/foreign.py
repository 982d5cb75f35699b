"""A client that has nothing to do with Millet: commands on stdin, events on stdout, a line of JSON each.

    {"do": "text", "to": ADDRESS, "body": TEXT}    a message as slixmpp makes it, with nothing added; "id": ID if it matters
    {"do": "correct", "to": ADDRESS, "of": ID, "body": TEXT}
    {"do": "retract", "to": ADDRESS, "of": ID}
    {"do": "react", "to": ADDRESS, "of": ID, "emoji": [EMOJI, ...]}
    {"do": "reply", "to": ADDRESS, "of": ID, "by": ADDRESS, "body": TEXT, "quote": TEXT}    "id" as above
    {"do": "raw", "xml": STANZA}                   any stanza
    {"do": "typing", "to": ADDRESS, "on": true}
    {"do": "show", "show": "away"}                 own presence
    {"do": "contact", "address": ADDRESS}          asks to see their presence
    {"do": "publish", "node": NODE, "id": ID, "xml": PAYLOAD}    -> {"event": "published"}
    {"do": "upload", "path": FILE, "type": TYPE}   -> {"event": "uploaded", "url": URL}

Every message, presence and subscription that comes in is told, with the parts that slixmpp's own plugins found.
"""

import asyncio
import json
import os
import sys
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath

PLUGINS = [
    "xep_0030",
    "xep_0066",
    "xep_0060",
    "xep_0085",
    "xep_0163",
    "xep_0184",
    "xep_0199",
    "xep_0280",
    "xep_0308",
    "xep_0333",
    "xep_0359",
    "xep_0424",
    "xep_0444",
    "xep_0446",
    "xep_0447",
    "xep_0461",
]
UPLOAD = "urn:xmpp:http:upload:0"
VOICE = "{urn:millet:voice:0}"


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Foreign(slixmpp.ClientXMPP):
    def __init__(self, address, password, authority):
        super().__init__(address, password)
        self.ca_certs = Path(authority)
        self.enable_direct_tls = False
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        # What its own account tells of other devices comes as messages.
        self.plugin["xep_0163"].add_interest("urn:xmpp:mds:displayed:0")
        self.auto_authorize = True
        self.auto_subscribe = True
        self.add_event_handler("session_start", self.on_start)
        # Its event of that name leaves out what has no body.
        self.register_handler(Callback("every message", StanzaPath("message"), self.on_message))
        self.add_event_handler("presence_available", self.on_presence)
        self.add_event_handler("presence_unavailable", self.on_presence)
        self.add_event_handler("roster_update", self.on_roster)
        self.add_event_handler("failed_auth", lambda _: tell("failed", why="password"))
        self.add_event_handler("connection_failed", lambda why: tell("failed", why=str(why)))

    async def on_start(self, _):
        await self.get_roster()
        self.send_presence()
        tell("online", address=str(self.boundjid))
        # Without a name for it, the collector of garbage may take it.
        self.reading = asyncio.ensure_future(self.commands())

    def on_message(self, message):
        file = message.xml.find("{urn:xmpp:sfs:0}file-sharing")
        voice = message.xml.find(VOICE + "voice")
        heard = message.xml.find(VOICE + "heard")
        shared = None
        if file is not None:
            sfs = message["sfs"]
            shared = {
                "disposition": sfs["disposition"],
                "media_type": sfs["file"]["media-type"],
                "name": sfs["file"]["name"],
                "size": sfs["file"]["size"],
                "url": sfs["sources"]["url-data"]["target"],
            }
        tell(
            "message",
            sender=message["from"].bare,
            resource=message["from"].resource,
            id=message["id"],
            type=message["type"],
            body=message["body"],
            oob=message["oob"]["url"] if message.xml.find("{jabber:x:oob}x") is not None else None,
            shared=shared,
            voice=None if voice is None else dict(voice.attrib),
            heard=None if heard is None else heard.get("id"),
            origin_id=message["origin_id"]["id"],
            wants_receipt=message.xml.find("{urn:xmpp:receipts}request") is not None,
            receipt=message["receipt"] or None,
            markable=message.xml.find("{urn:xmpp:chat-markers:0}markable") is not None,
            displayed=message["displayed"]["id"] or None,
            state=message["chat_state"] or None,
            xml=ElementTree.tostring(message.xml, encoding="unicode"),
        )

    def on_presence(self, presence):
        if presence["from"].bare != self.boundjid.bare:
            kind = presence["type"]
            tell("presence", sender=presence["from"].bare, show=kind, caps=presence.xml.find("{http://jabber.org/protocol/caps}c") is not None)

    def on_roster(self, _):
        contacts = {jid: self.client_roster[jid]["subscription"] for jid in self.client_roster if jid != self.boundjid.bare}
        tell("roster", contacts=contacts)

    async def commands(self):
        reader = asyncio.StreamReader(limit=1 << 20)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            try:
                await self.command(json.loads(line))
            except Exception as error:  # The test has to see it.
                tell("problem", what=repr(error))
        await self.disconnect()

    async def command(self, wish):
        match wish["do"]:
            case "text":
                message = self.make_message(mto=wish["to"], mbody=wish["body"], mtype="chat")
                message["id"] = wish.get("id", message["id"])
                message.send()
            case "correct":
                self.plugin["xep_0308"].build_correction(wish["of"], wish["to"], mbody=wish["body"]).send()
            case "retract":
                self.plugin["xep_0424"].send_retraction(wish["to"], wish["of"])
            case "react":
                # Its send_reactions leaves the type out, and servers make carbons of chats only.
                message = self.make_message(mto=wish["to"], mtype="chat")
                self.plugin["xep_0444"].set_reactions(message, wish["of"], wish["emoji"])
                message.enable("store")
                message.send()
            case "reply":
                message = self.plugin["xep_0461"].make_reply(
                    wish["by"], wish["of"], wish["quote"], "Somebody", mto=wish["to"], mbody=wish["body"], mtype="chat"
                )
                message["id"] = wish.get("id", message["id"])
                message.send()
            case "raw":
                self.send_raw(wish["xml"])
            case "typing":
                message = self.make_message(mto=wish["to"], mtype="chat")
                message["chat_state"] = "composing" if wish["on"] else "active"
                message.send()
            case "show":
                self.send_presence(pshow=wish["show"])
            case "contact":
                self.send_presence_subscription(pto=wish["address"], ptype="subscribe")
            case "publish":
                payload = ElementTree.fromstring(wish["xml"])
                await self.plugin["xep_0060"].publish(self.boundjid.bare, wish["node"], id=wish["id"], payload=payload)
                tell("published")
            case "upload":
                tell("uploaded", url=await self.upload(wish["path"], wish["type"]))
            case "info":
                info = await self["xep_0030"].get_info(jid=wish["address"])
                tell("info", features=sorted(info["disco_info"]["features"]))
            case other:
                tell("problem", what=f"no such command: {other}")

    async def upload(self, path, kind):
        with open(path, "rb") as file:
            content = file.read()
        question = self.make_iq_get(ito="upload." + self.boundjid.domain)
        request = ElementTree.SubElement(question.xml, f"{{{UPLOAD}}}request")
        request.set("filename", os.path.basename(path))
        request.set("size", str(len(content)))
        request.set("content-type", kind)
        answer = await question.send()
        slot = answer.xml.find(f"{{{UPLOAD}}}slot")
        put = slot.find(f"{{{UPLOAD}}}put")
        headers = {header.get("name"): header.text for header in put}
        headers["Content-Type"] = kind
        wish = urllib.request.Request(put.get("url"), data=content, headers=headers, method="PUT")
        await asyncio.to_thread(urllib.request.urlopen, wish)
        return slot.find(f"{{{UPLOAD}}}get").get("url")


async def main():
    address, password, port, authority = sys.argv[1:]
    client = Foreign(address, password, authority)
    client.connect("localhost", int(port))
    await client.disconnected


asyncio.run(main())
