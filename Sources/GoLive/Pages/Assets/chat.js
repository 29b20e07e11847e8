// @ts-check
import { ChatChannel } from "./chat-channel.js";
import { chatComposer } from "./chat-composer.js";
import { ChatHistory } from "./chat-history.js";
import { ChatList } from "./chat-list.js";
import { drawMessage } from "./chat-message.js";
import { moderationTools } from "./chat-moderation.js";
import { closedReason, rulesInWords } from "./chat-rules.js";
import { el } from "./dom.js";
import { guestName } from "./guest-name.js";
import { drawnButton, redraw } from "./media-icons.js";
import { keep, kept } from "./kept.js";

/** Milliseconds without a refusal after which a message counts as sent: the server says only what it has against one. */
const refusalWindow = 1000;

/**
 * @typedef {object} ChatOptions
 * @property {string} username the host's
 * @property {import("./golive-client.js").GoLiveRoom} room
 * @property {boolean} isHost whether the host looks at it
 * @property {(name: string) => Promise<void>} [rename] another name for a guest
 */

/**
 * The chat of a room, beside the picture.
 * @param {HTMLElement} element an empty one
 * @param {ChatOptions} options
 */
export function mountChat(element, { username, room, isHost, rename }) {
  const channel = new ChatChannel(room);
  const list = new ChatList();
  const composer = chatComposer((text) => say(text));
  const history = new ChatHistory(username, (records) => {
    records.forEach((record) => add(record));
    list.compare(records);
  });
  const guest = rename && guestName(rename);
  const body = el(
    "div",
    { class: "chat-body", id: "chat-body" },
    history.button,
    list.element,
    guest?.element,
    composer.form,
  );
  const toggle = drawnButton("chat", "Hide the chat", () => collapse(!body.hidden));
  toggle.setAttribute("aria-controls", "chat-body");
  const panel = el(
    "section", { class: "chat", "aria-label": "Chat" },
    el("header", { class: "chat-head" }, el("h2", {}, "Chat"), toggle), body,
  );
  element.append(panel);

  /** What is known beside the room: the rules, and who the host is to this viewer. */
  const known = {
    settings: /** @type {Record<string, any>} */ ({}),
    host: /** @type {any} */ (undefined),
    isFollowing: false,
  };

  /**
   * @param {any} record
   * @param {{isNews?: boolean}} [options]
   */
  function add(record, options) {
    const isOwn = record.identity === room.local?.identity;
    const isByHost = record.isHost ?? [known.host?.id, `Host-${known.host?.id}`].includes(record.identity);
    const full = { ...record, isHost: isByHost, isOwn };
    const line = drawMessage(full, isHost ? tools : undefined);
    return list.add(line, options) ? line : undefined;
  }

  /** @param {import("./chat-message.js").ChatRecord} record */
  function tools(record) {
    const sender = room.participants.find(({ identity }) => identity === record.identity);
    const author = record.username ?? sender?.attributes.username;
    return moderationTools(username, { ...record, username: author }, () => list.remove(record.id));
  }

  /** Where nobody is, there is no history to ask for. */
  let isHistoryAsked = false;

  /** @param {string} text */
  async function say(text) {
    const { id, sentAt, sent } = channel.send(text);
    const { identity = "", name = "" } = room.local ?? {};
    const line = add({ id, identity, text, sentAt, name: name || "You", isHost });
    line?.setState("sending", "sending");
    list.toEnd();
    if (!isHost && known.settings.slowModeSeconds > 0) composer.wait(known.settings.slowModeSeconds);
    try {
      await sent;
      setTimeout(() => line?.item.dataset.state === "sending" && line.setState("sent"), refusalWindow);
    } catch {
      line?.setState("refused", "Not sent: the connection was lost.", retry(id, text));
    }
  }

  /**
   * @param {string} id
   * @param {string} text
   */
  function retry(id, text) {
    const dismiss = () => list.remove(id);
    const again = () => {
      dismiss();
      say(text);
    };
    return [{ label: "Try again", click: again }, { label: "Dismiss", click: dismiss }];
  }

  /** The rules are in the room's metadata, and change there for everyone at once. */
  function learn() {
    try {
      const { title, description, thumbnail, ...rest } = JSON.parse(room.room.metadata || "{}");
      Object.assign(known.settings, rest);
    } catch {
      // Another kind of room.
    }
    update();
  }

  function update() {
    const { host, settings, isFollowing } = known;
    const { local } = room;
    const isGuest = local?.identity.startsWith("guest-") ?? true;
    const reason = closedReason({
      roomState: room.state, mayWrite: local?.permission.canPublishData ?? false, isHost, isGuest, isFollowing, settings,
      hostName: host?.displayName || host?.username || username,
    });
    composer.setClosed(reason, rulesInWords(settings, isHost));
    guest?.show(isGuest && room.state === "connected" ? local?.name ?? "" : undefined);
  }

  /** @param {boolean} isCollapsed */
  function collapse(isCollapsed) {
    body.hidden = isCollapsed;
    element.classList.toggle("collapsed", isCollapsed);
    redraw(toggle, "chat", isCollapsed ? "Show the chat" : "Hide the chat");
    toggle.setAttribute("aria-expanded", String(!isCollapsed));
    keep("chat", isCollapsed ? "collapsed" : undefined);
    if (!isCollapsed) list.toEnd();
  }

  channel.on("message", (message) => {
    const line = list.line(message.id);
    if (line?.record.identity === message.identity) return line?.setText(message.text);
    const isAccount = !message.identity.startsWith("guest-");
    add({ ...message, userId: isAccount ? message.identity : null }, { isNews: true });
  });
  channel.on("refused", ({ id, message, retryAfter }) => {
    const line = list.line(id);
    line?.setState("refused", message, retry(id, line.record.text));
    if (retryAfter > 0) composer.wait(retryAfter);
  });
  channel.on("held", ({ id, delay }) => {
    const line = list.line(id);
    line?.setState("held", delay > 0 ? `appears in ${Math.ceil(delay / 1000)} s` : "appears in a moment");
    setTimeout(() => line?.item.dataset.state === "held" && line.setState("sent"), delay);
  });
  room.on("roomChanged", learn);
  channel.on("deleted", ({ id }) => list.remove(id));
  for (const name of ["participantJoined", "participantChanged"]) {
    room.on(name, ({ identity, name: called }) => called && list.learnName(identity, called));
  }
  for (const name of ["connected", "reconnected"]) {
    room.on(name, () => {
      learn();
      history.load();
    });
  }
  for (const name of ["reconnecting", "disconnected", "localChanged"]) room.on(name, update);
  collapse(kept("chat") === "collapsed");
  update();

  return {
    /** @param {Partial<typeof known>} more */
    know(more) {
      Object.assign(known, more);
      update();
      if (known.host && !isHistoryAsked) history.load();
      isHistoryAsked ||= Boolean(known.host);
    },
    collapse,
  };
}
