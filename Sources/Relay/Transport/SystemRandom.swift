/// The system's random numbers. `SystemRandomNumberGenerator` would do, but has no size, and ThreadSanitizer looks at the
/// address of every generator that is passed on: it then reports races that are none, or reads where nothing is.
struct SystemRandom: RandomNumberGenerator {
    private let size: UInt8 = 0

    mutating func next() -> UInt64 { .random(in: .min ... .max) }
}
