import Testing

@testable import GoLive

@Suite struct RateLimiterTests {
    private let rule = RateLimiter.Rule("test", 3, per: 30)

    @Test func `a burst is let through, and then one each time a token has grown`() {
        let limiter = RateLimiter()
        for _ in 0..<3 { #expect(limiter.take(rule, client: "a", now: 0) == nil) }
        #expect(limiter.take(rule, client: "a", now: 0) == 10)
        #expect(limiter.take(rule, client: "a", now: 4) == 6)
        #expect(limiter.take(rule, client: "a", now: 10) == nil)
        #expect(limiter.take(rule, client: "a", now: 10) == 10)
    }

    @Test func `one client's requests are not another's, nor one rule's another's`() {
        let limiter = RateLimiter()
        let other = RateLimiter.Rule("other", 1, per: 30)
        for _ in 0..<3 { #expect(limiter.take(rule, client: "a", now: 0) == nil) }
        #expect(limiter.take(rule, client: "b", now: 0) == nil)
        #expect(limiter.take(other, client: "a", now: 0) == nil)
    }

    @Test func `a pause never gives more than the burst, and a clock that goes back gives nothing`() {
        let limiter = RateLimiter()
        #expect(limiter.take(rule, client: "a", now: 100) == nil)
        for _ in 0..<3 { #expect(limiter.take(rule, client: "a", now: 1e6) == nil) }
        #expect(limiter.take(rule, client: "a", now: 0) != nil)
    }

    @Test func `the table never grows beyond its capacity, and those in it are still served`() {
        let limiter = RateLimiter(capacity: 10)
        for client in 0..<100 {
            #expect((limiter.take(rule, client: "\(client)", now: 0) == nil) == (client < 10))
            #expect(limiter.count <= 10)
        }
        #expect(limiter.take(rule, client: "3", now: 0) == nil)
    }

    @Test func `strangers are let in again when buckets have filled, looked for once a second`() {
        let limiter = RateLimiter(capacity: 2)
        for client in ["a", "b"] { #expect(limiter.take(rule, client: client, now: 0) == nil) }
        #expect(limiter.take(rule, client: "c", now: 9.5) == 30)
        // The buckets are full again, but a sweep was half a second ago.
        #expect(limiter.take(rule, client: "c", now: 10.25) == 30)
        #expect(limiter.count == 2)
        #expect(limiter.take(rule, client: "c", now: 10.5) == nil)
        #expect(limiter.count == 1)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"), ("2001:DB8:1:2:ffff::", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"),
        ("fe80::1%eth0", "fe80:0:0:0::/64"), ("unknown", "unknown"), ("not:an:address", "not:an:address"),
    ])
    func `IPv6 clients are told apart by their first 64 bits`(address: String, client: String) {
        #expect(RateLimiter.client(at: address) == client)
    }
}
