import Foundation
import Media

/// Offers and answers of real agents, kept as they were captured.
enum SDPFixture {
    static let names = [
        "chromium156_datachannel", "chromium156_recvonly", "chromium156_sendonly", "chromium156_sendonly_balanced",
        "chromium156_sendonly_datachannel", "chromium156_sendrecv", "chromium156_simulcast_all",
        "chromium156_simulcast_vp8", "ffmpeg8_whip_answer_aiortc", "ffmpeg8_whip_offer", "ffmpeg9_whip_answer_aiortc",
        "ffmpeg9_whip_offer", "firefox153_datachannel", "firefox153_recvonly", "firefox153_sendonly",
        "firefox153_sendonly_balanced", "firefox153_sendonly_datachannel", "firefox153_sendrecv",
        "firefox153_simulcast_all", "firefox153_simulcast_vp8", "gst122_webrtcbin_offer",
        "livekit_py120_singlepc_initial_offer", "livekit_py120_v0_publish_offer", "livekit_py120_v1_publish_offer",
    ]

    static func text(_ name: String) throws -> String {
        let url = Bundle.module.bundleURL.appending(path: "Fixtures/sdp/\(name).sdp")
        return try String(contentsOf: url, encoding: .utf8)
    }

    static func description(_ name: String) throws -> SessionDescription {
        try SessionDescription(parsing: text(name))
    }
}
