// @ts-check
import { Emitter } from "./events.js";
import { keep, kept } from "./kept.js";
import { automatic, qualityChoices, wishFor } from "./quality.js";

const volumeStep = 0.05;
/** Milliseconds of peace after the picture changed its size before another layer is asked for. */
const resizePause = 400;
/** Milliseconds that a page may be out of sight before its picture is no longer sent; the sound goes on. */
const unseenPatience = 5000;

/**
 * What plays: one picture (a shared screen goes before the camera) and all the sound of the room, in one video element.
 *
 * Events: `changed`, when anything below is different.
 */
export class PlayerPicture extends Emitter {
  /** @type {import("./quality.js").QualityChoice} */
  quality = automatic;
  isPaused = false;
  /** The browser lets no sound out before a click. */
  needsClick = false;
  #stream = new MediaStream();
  /**
   * What is shown: `{sid, track, publication, receiver}`.
   * @type {any}
   */
  #shown;
  #asked = "";
  #isChoosing = false;
  #isUnseen = false;
  /** @type {any} */
  #timer;
  /** @type {any} */
  #unseenTimer;

  /**
   * @param {HTMLVideoElement} video
   * @param {import("./golive-client.js").GoLiveRoom} room
   * @param {{isSilent?: boolean}} [options] `isSilent`: begins without sound, whatever was wished elsewhere
   */
  constructor(video, room, { isSilent = false } = {}) {
    super();
    this.video = video;
    this.room = room;
    video.volume = Math.min(1, Math.max(0, Number(kept("volume") ?? 1))) || 1;
    video.muted = isSilent || kept("muted") === "true";
    for (const name of ["trackSubscribed", "trackUnsubscribed", "muted", "participantChanged"]) {
      room.on(name, () => this.#chooseSoon());
    }
    room.on("disconnected", () => this.#chooseSoon());
    video.addEventListener("volumechange", () => this.emit("changed"));
    video.addEventListener("loadeddata", () => this.emit("changed"));
    new ResizeObserver(() => this.#resized()).observe(video);
    document.addEventListener("visibilitychange", () => this.#look());
    for (const name of ["enterpictureinpicture", "leavepictureinpicture"]) {
      video.addEventListener(name, () => this.#look());
    }
  }

  get hasPicture() {
    return Boolean(this.#shown) && !this.publication?.isMuted;
  }

  get hasSound() {
    return this.room.subscribedTracks.some(({ track }) => track.kind === "audio");
  }

  /** The publication of the picture, as the roster has it now. */
  get publication() {
    const sid = this.#shown?.sid;
    return this.room.participants.map(({ tracks }) => tracks.get(sid)).find(Boolean) ?? this.#shown?.publication;
  }

  /**
   * Whether packets of a track should be coming.
   * @param {string} sid
   */
  expects(sid) {
    const isOff = (this.isPaused || this.#isUnseen) && sid === this.#shown?.sid;
    return !isOff && this.room.participants.some(({ tracks }) => tracks.get(sid)?.isMuted === false);
  }

  get choices() {
    return qualityChoices(this.publication);
  }

  get isMuted() {
    return this.video.muted || this.video.volume === 0;
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.needsClick = false;
    this.video.muted = muted;
    if (!muted && this.video.volume === 0) this.video.volume = 0.5;
    keep("muted", muted ? "true" : undefined);
    if (!muted) this.#play();
    this.emit("changed");
  }

  /** @param {number} volume 0 to 1 */
  setVolume(volume) {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
    this.needsClick = false;
    keep("volume", this.video.volume.toFixed(2));
    keep("muted", this.video.muted ? "true" : undefined);
  }

  /** @param {1 | -1} direction */
  stepVolume(direction) {
    this.setVolume((this.video.muted ? 0 : this.video.volume) + direction * volumeStep);
  }

  /**
   * A pause keeps the sound and the picture away; going on is always at the live moment.
   * @param {boolean} paused
   */
  setPaused(paused) {
    this.isPaused = paused;
    if (paused) this.video.pause();
    else this.#play();
    this.#ask();
    this.emit("changed");
  }

  /** @param {import("./quality.js").QualityChoice} choice */
  setQuality(choice) {
    this.quality = choice;
    this.#ask();
    this.emit("changed");
  }

  /** Takes every track anew, which begins at the live moment. */
  restart() {
    const sids = this.room.subscribedTracks.map(({ sid }) => sid);
    this.room.setSubscribed(sids, false);
    setTimeout(() => this.room.setSubscribed(sids, true), 100);
  }

  get receivers() {
    return this.room.subscribedTracks.map(({ receiver }) => receiver);
  }

  /** Tracks that come together are taken together: whether sound may be played is asked with the sound there. */
  #chooseSoon() {
    if (this.#isChoosing) return;
    this.#isChoosing = true;
    queueMicrotask(() => {
      this.#isChoosing = false;
      this.#choose();
    });
  }

  #choose() {
    const subscribed = this.room.subscribedTracks;
    const pictures = subscribed.filter(({ track }) => track.kind === "video");
    const shown = pictures.find(({ publication }) => publication.source === "SCREEN_SHARE") ?? pictures[0];
    const wanted = subscribed.filter((one) => one === shown || one.track.kind === "audio").map(({ track }) => track);
    // While the connection comes back the last frame stays, instead of a black picture.
    if (this.room.state === "connected") {
      for (const track of this.#stream.getTracks()) if (!wanted.includes(track)) this.#stream.removeTrack(track);
    }
    for (const track of wanted) this.#stream.addTrack(track);
    if (shown?.sid !== this.#shown?.sid) this.#asked = "";
    this.#shown = shown;
    if (wanted.length > 0) {
      if (!this.video.srcObject) this.video.srcObject = this.#stream;
      if (this.video.paused && !this.isPaused) this.#play();
      this.#ask();
    }
    this.emit("changed");
  }

  /** With sound where the browser allows it; else without, and `needsClick` says so. */
  async #play() {
    try {
      await this.video.play();
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "NotAllowedError" || this.video.muted) return;
      this.video.muted = true;
      this.needsClick = true;
      this.emit("changed");
      await this.video.play().catch(() => {});
    }
  }

  #resized() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), resizePause);
  }

  /** A picture that nobody sees is not sent; it is there again, at the live moment, when somebody looks. */
  #look() {
    clearTimeout(this.#unseenTimer);
    const isUnseen = document.hidden && document.pictureInPictureElement !== this.video;
    if (isUnseen) this.#unseenTimer = setTimeout(() => this.#setUnseen(true), unseenPatience);
    else this.#setUnseen(false);
  }

  /** @param {boolean} isUnseen */
  #setUnseen(isUnseen) {
    this.#isUnseen = isUnseen;
    this.#ask();
  }

  /** Tells the server which layer is wanted, when that is something new. */
  #ask() {
    const sid = this.#shown?.sid;
    if (!sid || this.room.state !== "connected") return;
    const wish = this.isPaused || this.#isUnseen ? "OFF" : wishFor(this.quality.layer, this.video);
    const asked = JSON.stringify([sid, wish]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.room.setLayer(sid, wish);
  }
}
