import LiveKitProtocol
import Relay
import SwiftProtobuf

extension RoomService {
    func listParticipants(
        _ request: LiveKit_ListParticipantsRequest, _ grant: Grant
    ) async throws -> LiveKit_ListParticipantsResponse {
        try grant.requireAdmin(of: request.room)
        let participants = try await relay.participants(in: request.room)
        return .with { $0.participants = participants.map(LiveKit_ParticipantInfo.init) }
    }

    func getParticipant(
        _ request: LiveKit_RoomParticipantIdentity, _ grant: Grant
    ) async throws -> LiveKit_ParticipantInfo {
        try grant.requireAdmin(of: request.room)
        return LiveKit_ParticipantInfo(try await relay.participant(request.identity, in: request.room))
    }

    /// Bars the tokens issued until now first, so that a client that comes back at once finds the door closed; they are
    /// barred as well when the participant is not there just now.
    func removeParticipant(
        _ request: LiveKit_RoomParticipantIdentity, _ grant: Grant
    ) async throws -> LiveKit_RemoveParticipantResponse {
        try grant.requireAdmin(of: request.room)
        guard !request.identity.isEmpty else { throw TwirpError(.invalidArgument, "identity is empty") }
        // A caller may say from when on tokens count as newer, up to a day ahead.
        let now = AccessTokens.now()
        let revokedAt = min(max(now, max(request.revokeTokenTs, 1) - 1), now + 86_400)
        await revocations.revoke(request.identity, in: request.room, at: revokedAt)
        try await relay.remove(request.identity, from: request.room, reason: .participantRemoved)
        return LiveKit_RemoveParticipantResponse()
    }

    func updateParticipant(
        _ request: LiveKit_UpdateParticipantRequest, _ grant: Grant
    ) async throws -> LiveKit_ParticipantInfo {
        try grant.requireAdmin(of: request.room)
        let update = ParticipantUpdate(request)
        return LiveKit_ParticipantInfo(try await relay.update(request.identity, in: request.room, update))
    }

    func mutePublishedTrack(
        _ request: LiveKit_MuteRoomTrackRequest, _ grant: Grant
    ) async throws -> LiveKit_MuteRoomTrackResponse {
        try grant.requireAdmin(of: request.room)
        let track = try await relay.mute(
            TrackID(request.trackSid), of: request.identity, in: request.room, muted: request.muted)
        return .with { $0.track = LiveKit_TrackInfo(track) }
    }

    func updateSubscriptions(
        _ request: LiveKit_UpdateSubscriptionsRequest, _ grant: Grant
    ) async throws -> LiveKit_UpdateSubscriptionsResponse {
        try grant.requireAdmin(of: request.room)
        try await relay.updateSubscriptions(
            of: request.identity, in: request.room, tracks: request.tracks, subscribed: request.subscribe)
        return LiveKit_UpdateSubscriptionsResponse()
    }
}
