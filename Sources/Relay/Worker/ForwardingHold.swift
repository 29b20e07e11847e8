import Media

/// How long a turn of a worker holds back what it has read: until the first deadline that it met, whatever others come later, so
/// that nobody's frames can keep everybody else waiting.
struct ForwardingHold {
    private var end: Instant?

    /// What may still be waited; nil: forward.
    ///
    /// - Parameter deadline: until when something that has not been forwarded is worth waiting for; nil: nothing is.
    mutating func rest(_ deadline: Instant?, now: Instant) -> Duration? {
        guard let deadline else { return nil }
        let end = min(self.end ?? deadline, deadline)
        self.end = end
        return end > now ? end - now : nil
    }
}
