// @ts-check
import { Emitter, withDeadline } from "./events.js";

const disconnectedGrace = 5000;

/**
 * What both peer connections share: ICE candidates in both directions, the two data channels, and `failed` once when
 * the path to the server is lost for good.
 *
 * Events: `connected`, `interrupted` (it may find its way again, and is then `connected` once more), `failed`, `message`
 * with `{bytes, reliable}`.
 */
export class Connection extends Emitter {
  /**
   * @param {import("./signal.js").Signal} signal
   * @param {"PUBLISHER" | "SUBSCRIBER"} target
   * @param {any[]} iceServers as the server's join named them
   */
  constructor(signal, target, iceServers) {
    super();
    this.signal = signal;
    this.target = target;
    /** Whether there has been a way to the server. */
    this.wasConnected = false;
    this.peer = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceServers: iceServers.filter((server) => server.urls?.length),
    });
    /** @type {RTCIceCandidateInit[]} those that came before there was a description to add them to */
    this.earlyCandidates = [];
    this.peer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate) signal.send("trickle", { candidateInit: JSON.stringify(candidate), target });
    });
    this.peer.addEventListener("connectionstatechange", () => this.#stateChanged());
    this.peer.addEventListener("datachannel", ({ channel }) => this.listen(channel));
  }

  get isClosed() {
    return this.peer.signalingState === "closed";
  }

  /**
   * A candidate of the server's. Ours are inside the descriptions; another server may trickle.
   * @param {string} candidateInit JSON
   */
  async addCandidate(candidateInit) {
    const candidate = JSON.parse(candidateInit);
    if (!this.peer.remoteDescription) this.earlyCandidates.push(candidate);
    else await this.peer.addIceCandidate(candidate).catch(() => {});
  }

  /** @param {RTCSessionDescriptionInit} description */
  async setRemote(description) {
    await this.peer.setRemoteDescription(description);
    for (const candidate of this.earlyCandidates.splice(0)) {
      await this.peer.addIceCandidate(candidate).catch(() => {});
    }
  }

  /** @param {RTCDataChannel} channel */
  listen(channel) {
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }) => {
      if (typeof data === "string") return;
      this.emit("message", { bytes: new Uint8Array(data), reliable: channel.label === "_reliable" });
    });
  }

  /**
   * Resolves when there is a way to the server, or has never been one.
   * @param {number} deadline milliseconds
   */
  async reconnected(deadline) {
    if (!this.wasConnected || this.peer.connectionState === "connected") return;
    await withDeadline(this.next("connected"), deadline, "finding a way to the server");
  }

  close() {
    clearTimeout(this.graceTimer);
    this.peer.close();
  }

  #stateChanged() {
    clearTimeout(this.graceTimer);
    switch (this.peer.connectionState) {
      case "connected":
        this.wasConnected = true;
        this.emit("connected");
        break;
      case "failed":
        this.emit("failed");
        break;
      case "disconnected":
        this.emit("interrupted");
        // ICE may find its way again; five seconds without consent is all a live picture can wait for.
        this.graceTimer = setTimeout(() => this.emit("failed"), disconnectedGrace);
        break;
    }
  }
}
