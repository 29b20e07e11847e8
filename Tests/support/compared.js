// The two ways that are compared: through the server, and from browser to browser. What each viewer has is in `viewers`:
// its receiver, and the ages of its pictures.
globalThis.compared = {
  viewers: [],

  show(track) {
    const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true });
    video.srcObject = new MediaStream([track]);
    document.body.append(video);
    video.play();
    return { video, samples: timecode.read(video) };
  },

  // Through the server

  async publish(url, token, { width, height, rate, startBitrate }) {
    const { GoLiveRoom } = await import("/golive-client.js");
    const room = new GoLiveRoom({ startBitrate });
    globalThis.room = room;
    await room.connect(url, token);
    const track = timecode.paint(width, height, rate);
    // A canvas says that it has no rate of its own, which would be taken for a limit.
    const { encodingsFor } = await import("/layers.js");
    const encodings = encodingsFor({ width, height, frameRate: rate, simulcast: true });
    await room.publishTrack(track, { source: "CAMERA", contentHint: "motion", encodings });
  },

  async join(url, token, layer, isShown) {
    const { GoLiveRoom } = await import("/golive-client.js");
    const room = new GoLiveRoom();
    const viewer = { room, samples: [] };
    this.viewers.push(viewer);
    room.on("trackSubscribed", ({ track, sid, receiver }) => {
      if (track.kind !== "video") return;
      if (layer) room.setLayer(sid, layer);
      Object.assign(viewer, { receiver }, isShown ? this.show(track) : {});
    });
    await room.connect(url, token);
  },

  // From browser to browser, with descriptions that hold their candidates

  async complete(peer) {
    if (peer.iceGatheringState === "complete") return;
    await new Promise((resolve) => {
      peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && resolve());
    });
  },

  async offer({ width, height, rate, startBitrate, maxBitrate }) {
    const peer = new RTCPeerConnection();
    this.peer = peer;
    const track = timecode.paint(width, height, rate);
    track.contentHint = "motion";
    const sender = peer.addTransceiver(track, { direction: "sendonly", sendEncodings: [{ maxBitrate }] });
    const { codecs } = RTCRtpSender.getCapabilities("video");
    sender.setCodecPreferences(codecs.filter(({ mimeType }) => /VP8|rtx/i.test(mimeType)));
    await peer.setLocalDescription();
    await this.complete(peer);
    this.startBitrate = startBitrate;
    return peer.localDescription.sdp;
  },

  async answer(sdp) {
    const peer = new RTCPeerConnection();
    const viewer = { samples: [] };
    this.viewers.push(viewer);
    peer.ontrack = ({ track, receiver }) => Object.assign(viewer, { receiver }, this.show(track));
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription();
    await this.complete(peer);
    return peer.localDescription.sdp;
  },

  async accept(sdp) {
    // As the server's client does it: where Chromium's estimate begins.
    const start = `x-google-start-bitrate=${this.startBitrate}`;
    const started = sdp.replace(/a=rtpmap:(\d+) VP8\/90000\r\n/, `$&a=fmtp:$1 ${start}\r\n`);
    await this.peer.setRemoteDescription({ type: "answer", sdp: started });
  },

  // What came of it

  async received(viewer) {
    const report = viewer.receiver ? [...(await viewer.receiver.getStats()).values()] : [];
    const stat = report.find(({ type, kind }) => type === "inbound-rtp" && kind === "video") ?? {};
    return {
      at: timecode.now(), bytes: stat.bytesReceived ?? 0, freezes: stat.freezeCount ?? 0,
      frozen: stat.totalFreezesDuration ?? 0, frames: stat.framesDecoded ?? 0, height: stat.frameHeight ?? 0,
      plis: stat.pliCount ?? 0, nacks: stat.nackCount ?? 0,
    };
  },

  async receivedByAll() {
    return Promise.all(this.viewers.map((viewer) => this.received(viewer)));
  },

  samplesSince(at) {
    return this.viewers[0].samples.filter((sample) => sample.at >= at);
  },
};
