import Media

/// What the control plane and other workers ask of a worker. Carried out in order.
enum WorkerCommand: Sendable {
    case transport(TransportID, TransportCommand)
    /// A datagram that the kernel handed to another worker although its session lives here: its peer's address changed.
    case stray(bytes: [UInt8], sender: TransportAddress, arrival: Instant)
    /// A TCP connection that another worker accepted for a session of this one.
    case adopt(TCPHandover)
    case count(@Sendable (WorkerCounters) -> Void)
    case stop
}

/// What is asked of one transport, wherever it lives.
enum TransportCommand: Sendable {
    case setRemote(Fingerprint)
    case publish(IncomingTrack)
    case unpublish(TrackID)
    case setMuted(TrackID, Bool)
    case subscribe(OutgoingTrack)
    case unsubscribe(TrackID)
    case setWanted(TrackID, LayerSelector.Wanted)
    case requestKeyframe(TrackID, layer: Int, isPatient: Bool = false)
    /// The next keyframe of the lowest layer that flows.
    case captureKeyframe(TrackID, within: Duration, asking: Bool, KeyframeReply)
    case sendData([UInt8], DataKind)
    /// An ICE restart: checks may come with these from now on, and with the former ones for a while if those are kept.
    case restart(ICECredentials, keepsFormer: Bool)
    /// What the viewer says that their line carries, in bits a second; nil: whatever is found out.
    case limitBandwidth(Int?)
    /// Whether `WorkerEvent.alive` is wanted.
    case watch(Bool)
    case close
}

/// What workers tell the control plane.
enum WorkerEvent: Sendable {
    case connected(TransportID)
    case ended(TransportID, Transport.EndReason)
    /// When the peer of a transport that is watched was last heard.
    case alive(TransportID, Instant)
    case data(TransportID, DataKind, [UInt8])
    /// The first packet with content of a publisher's track came, or the first after `mediaStopped`; or the track was
    /// muted: silence that was announced is not absence.
    case mediaStarted(TransportID, TrackID)
    /// No content has come for `IncomingTracks.mediaPause`, and the track is not muted.
    case mediaStopped(TransportID, TrackID)
    case audioLevel(TransportID, TrackID, Float, isActive: Bool)
    case streamState(TransportID, TrackID, isPaused: Bool)
    /// Loss toward a viewer or from a publisher, above 0 and up to 1.
    case quality(TransportID, loss: Float)
    /// How much of the video they want a viewer's line makes them do without; at each change.
    case constrained(TransportID, ViewerLine.Constraint)
    /// Once a second, from the first worker, so that the control plane needs no clock of its own.
    case tick(Instant)
}
