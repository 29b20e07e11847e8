// @ts-check
/**
 * Simulcast layers of a video track: how many, how large, and how many bits each may use. The rids are LiveKit's,
 * low to high `q`, `h`, `f`: quarter, half and full size.
 */

/** @typedef {{rid?: string, scaleResolutionDownBy?: number, maxBitrate: number, maxFramerate?: number}} Encoding */

const qualities = ["LOW", "MEDIUM", "HIGH"];
const rids = ["q", "h", "f"];

/** Bits a second that VP8 wants for a picture of this many pixels at 30 frames a second. */
const bitrates = [
  { pixels: 320 * 180, bitrate: 150_000 },
  { pixels: 640 * 360, bitrate: 500_000 },
  { pixels: 960 * 540, bitrate: 1_200_000 },
  { pixels: 1280 * 720, bitrate: 2_000_000 },
  { pixels: 1920 * 1080, bitrate: 3_500_000 },
];

/**
 * @param {number} width
 * @param {number} height
 */
export function bitrateFor(width, height) {
  const fitting = bitrates.find(({ pixels }) => width * height <= pixels * 1.1);
  return (fitting ?? { bitrate: 6_000_000 }).bitrate;
}

/**
 * The encodings for `addTransceiver`, low to high. A picture too small to be halved twice gets fewer.
 * @param {{width: number, height: number, frameRate: number, simulcast: boolean}} picture
 * @returns {Encoding[]}
 */
export function encodingsFor({ width, height, frameRate, simulcast }) {
  const longer = Math.max(width, height);
  const count = !simulcast || longer < 480 ? 1 : longer < 960 ? 2 : 3;
  return Array.from({ length: count }, (_, index) => {
    const scale = 2 ** (count - 1 - index);
    return {
      ...(count > 1 ? { rid: rids[index] } : {}),
      scaleResolutionDownBy: scale,
      maxBitrate: bitrateFor(width / scale, height / scale),
      maxFramerate: frameRate,
    };
  });
}

/**
 * The same layers as the server is told of them in `addTrack`.
 * @param {Encoding[]} encodings low to high
 * @param {number} width
 * @param {number} height
 */
export function announcedLayers(encodings, width, height) {
  const lowest = encodings.length === 1 ? 2 : 0;
  return encodings.map((encoding, index) => ({
    quality: qualities[lowest + index],
    width: Math.round(width / (encoding.scaleResolutionDownBy ?? 1)),
    height: Math.round(height / (encoding.scaleResolutionDownBy ?? 1)),
    bitrate: encoding.maxBitrate,
    ssrc: 0,
  }));
}

/**
 * Sends only the layers that somebody watches. A layer that the server does not speak of stays as it is.
 * @param {RTCRtpSender} sender
 * @param {{quality?: string, enabled?: boolean}[]} wanted SubscribedQuality
 */
export async function sendOnly(sender, wanted) {
  const parameters = sender.getParameters();
  if (parameters.encodings.length < 2) return;
  parameters.encodings.forEach((encoding, index) => {
    const layer = wanted.find(({ quality = qualities[0] }) => quality === qualities[index]);
    if (layer) encoding.active = layer.enabled ?? false;
  });
  await sender.setParameters(parameters);
}
