import Media
import Testing

@testable import Relay

@Suite struct ActiveSpeakersTests {
    let alice = ParticipantID("PA_a")
    let one = TrackID("TR_1")
    let two = TrackID("TR_2")

    @Test func `only what changes is told`() {
        var speakers = ActiveSpeakers()
        #expect(speakers.update(alice, one, level: 0.02, isActive: false) == nil)
        #expect(
            speakers.update(alice, one, level: 0.5, isActive: true)
                == Speaker(participant: alice, level: 0.5, isActive: true))
        #expect(speakers.update(alice, one, level: 0.52, isActive: true) == nil)
        #expect(speakers.update(alice, one, level: 0.6, isActive: true)?.level == 0.6)
    }

    @Test func `the loudest of a participant's tracks counts, and the next one when it is gone`() {
        var speakers = ActiveSpeakers()
        _ = speakers.update(alice, one, level: 0.8, isActive: true)
        #expect(speakers.update(alice, two, level: 0.3, isActive: true) == nil)
        #expect(
            speakers.silence(alice, one) == Speaker(participant: alice, level: 0.3, isActive: true))
        #expect(speakers.silence(alice, one) == nil)
        #expect(
            speakers.silence(alice, two) == Speaker(participant: alice, level: 0, isActive: false))
    }

    @Test func `who left and comes again begins anew`() {
        var speakers = ActiveSpeakers()
        _ = speakers.update(alice, one, level: 0.8, isActive: true)
        speakers.remove(alice)
        #expect(speakers.silence(alice, one) == nil)
        #expect(speakers.update(alice, one, level: 0.8, isActive: true) != nil)
    }
}

@Suite struct ConnectionQualityMeterTests {
    @Test func `video that a line has no room for makes a connection poor`() {
        var meter = ConnectionQualityMeter()
        #expect(meter.poll()?.grade == .excellent)
        meter.receive(.reduced)
        #expect(meter.poll()?.grade == .good)
        meter.receive(.paused)
        #expect(meter.poll()?.grade == .poor)
        #expect(meter.poll() == nil)
        meter.receive(.none)
        #expect(meter.poll()?.grade == .excellent)
    }

    @Test(arguments: [
        (Float(0), ConnectionQuality.Grade.excellent), (0.05, .good), (0.3, .poor), (1, .poor),
    ])
    func `the worst loss since the last look decides`(loss: Float, grade: ConnectionQuality.Grade) {
        var meter = ConnectionQualityMeter()
        meter.receive(loss: loss)
        meter.receive(loss: 0)
        let result = meter.poll()
        #expect(result?.grade == grade)
        #expect((1...5).contains(result!.score))
    }

    @Test func `a grade is told when it changes`() {
        var meter = ConnectionQualityMeter()
        #expect(meter.poll()?.grade == .excellent)
        #expect(meter.poll() == nil)
        meter.receive(loss: 0.5)
        #expect(meter.poll()?.grade == .poor)
        #expect(meter.poll()?.grade == .excellent)
    }
}
