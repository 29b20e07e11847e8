// Paints the time into a picture as 32 black and white cells across its top, and reads it off a playing one: how old is
// what a viewer sees. Both pages must run on one machine.
globalThis.timecode = {
  /** Milliseconds that all pages of a machine agree on. */
  now: () => performance.timeOrigin + performance.now(),
  cells: 32,
  rows: 2,
  /** Counts in half milliseconds, which wrap after 37 hours, and four bits that prove the rest. */
  bits: 28,

  proof(value) {
    let sum = 0xa;
    for (let shift = 0; shift < this.bits; shift += 4) sum ^= (value >>> shift) & 15;
    return sum;
  },

  /** A track of this size and rate; the texture moves, so that an encoder needs the bits of a real picture. */
  paint(width, height, rate) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    // Browsers draw what is in a document.
    document.body.append(canvas);
    const pen = canvas.getContext("2d", { alpha: false });
    const texture = this.texture(width, height);
    const track = canvas.captureStream(0).getVideoTracks()[0];
    const cell = { width: width / (this.cells / this.rows), height: Math.floor(height / 18) };
    let step = 0;
    const paint = () => {
      const shift = (step += 6) % width;
      pen.drawImage(texture, -shift, 0);
      pen.drawImage(texture, width - shift, 0);
      const value = Math.floor(this.now() * 2) % 2 ** this.bits;
      const proof = this.proof(value);
      for (let index = 0; index < this.cells; index += 1) {
        const [word, shift] = index < this.bits ? [value, this.bits - 1 - index] : [proof, this.cells - 1 - index];
        pen.fillStyle = (word >>> shift) & 1 ? "#fff" : "#000";
        pen.fillRect((index % 16) * cell.width, Math.floor(index / 16) * cell.height, cell.width, cell.height);
      }
      track.requestFrame();
    };
    setInterval(paint, 1000 / rate);
    return track;
  },

  texture(width, height) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(width, height);
    let seed = 7;
    for (let index = 0; index < width * height; index += 1) {
      seed = (seed * 1103515245 + 12345) >>> 0;
      const [x, y] = [index % width, Math.floor(index / width)];
      const light = 128 + 40 * Math.sin((x / width) * 31.4) * Math.cos((y / height) * 18.8) + ((seed >>> 16) % 9) - 4;
      image.data.set([light, light * 0.9, 255 - light, 255], 4 * index);
    }
    pen.putImageData(image, 0, 0);
    return canvas;
  },

  /** Reads every painted frame of a video from now on: `[{at, age}]`, ages in milliseconds. */
  read(video) {
    const samples = [];
    const scale = 4;
    const canvas = Object.assign(document.createElement("canvas"), { width: 16 * scale, height: this.rows * scale });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const look = () => {
      video.requestVideoFrameCallback(look);
      const at = this.now();
      const high = (video.videoHeight / 18) * this.rows;
      pen.drawImage(video, 0, 0, video.videoWidth, high, 0, 0, canvas.width, canvas.height);
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
      let value = 0;
      let proof = 0;
      for (let index = 0; index < this.cells; index += 1) {
        const x = (index % 16) * scale + scale / 2;
        const y = Math.floor(index / 16) * scale + scale / 2;
        const bit = data[4 * (y * canvas.width + x)] > 127 ? 1 : 0;
        if (index < this.bits) value = value * 2 + bit;
        else proof = proof * 2 + bit;
      }
      if (this.proof(value) !== proof) return;
      const wrap = 2 ** this.bits;
      const age = (((Math.floor(at * 2) % wrap) - value + wrap) % wrap) / 2;
      samples.push({ at, age });
    };
    video.requestVideoFrameCallback(look);
    return samples;
  },
};
