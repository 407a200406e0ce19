import NIOCore
import NIOEmbedded
import SaleCore
import Testing

@testable import HTTPFront

/// Time limits of a connection, on a clock that the test turns.
@Suite struct SlowClientTests {
    private static func limits(_ limits: inout ConnectionLimits) {
        limits.sweepInterval = 100_000_000
        limits.idle = 60_000_000_000
        limits.idleCrowded = 5_000_000_000
        limits.requestRead = 10_000_000_000
        limits.requestTotal = 40_000_000_000
        limits.responseWrite = 7_000_000_000
        limits.linger = 2_000_000_000
        limits.lingerBytesMax = 1_000
    }

    private let connection: ConnectionUnderTest

    init() throws { connection = try ConnectionUnderTest(Self.limits) }

    @Test func aClientThatDripsItsHeadersIsAnsweredAndCutOff() throws {
        try connection.receive("GET / HTTP/1.1\r\nHost: h\r\n")
        for _ in 0..<9 {
            connection.advance(seconds: 1)
            try connection.receive("X: y\r\n")
        }
        #expect(connection.application.failures.isEmpty)
        connection.advance(seconds: 1.2)
        #expect(connection.application.failures == [.requestTooSlow])
        #expect(try connection.answers() == ["400"])
        connection.advance(seconds: 2.2)
        #expect(!connection.isOpen)
    }

    @Test func aClientThatDripsItsBodyIsAnsweredAndCutOff() throws {
        try connection.receive(ConnectionUnderTest.request("/1", "Content-Length: 1000\r\n"))
        for _ in 0..<10 {
            connection.advance(seconds: 1.02)
            try connection.receive("1")
        }
        #expect(connection.application.failures == [.requestTooSlow])
    }

    @Test func theRestOfARequestThatHasItsAnswerIsNotWaitedForLonger() throws {
        try connection.receive(ConnectionUnderTest.request("/early", "Content-Length: 10\r\n"))
        #expect(try connection.answers() == ["/early"])
        connection.advance(seconds: 10.2)
        #expect(try connection.answers() == [])
        connection.advance(seconds: 2.2)
        #expect(!connection.isOpen)
    }

    /// Empty lines before a request are skipped by the decoder, and would keep a connection for
    /// ever.
    @Test func emptyLinesAreNoSignOfLife() throws {
        for _ in 0..<10 {
            try connection.receive("\r\n")
            connection.advance(seconds: 1.02)
        }
        #expect(connection.application.failures == [.requestTooSlow])
    }

    @Test func timeBetweenRequestsCountsAsIdleAndNotAsReading() throws {
        for _ in 0..<3 {
            connection.advance(seconds: 50)
            try connection.receive(ConnectionUnderTest.request("/1"))
            #expect(try connection.answers() == ["/1"])
        }
        connection.advance(seconds: 63)
        #expect(!connection.isOpen)
        #expect(connection.application.failures.isEmpty)
    }

    @Test func anAnswerThatDoesNotComeInTimeIsGivenUp() throws {
        try connection.receive(ConnectionUnderTest.request("/wait"))
        connection.advance(seconds: 39)
        #expect(try connection.answers() == [])
        connection.advance(seconds: 1.2)
        #expect(connection.application.failures == [.answerTooSlow])
        #expect(try connection.answers() == ["503"])
        // Late is legal.
        connection.application.answer()
        #expect(try connection.answers() == [])
    }

    @Test func aClientThatTakesNothingIsCutOffAndItsRequestsWait() throws {
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        try connection.receive(ConnectionUnderTest.request("/1") + ConnectionUnderTest.request("/2"))
        #expect(connection.application.paths.isEmpty)
        connection.advance(seconds: 6)
        #expect(connection.isOpen)
        connection.advance(seconds: 1.2)
        #expect(!connection.isOpen)
    }

    @Test func aClientThatTakesItsAnswersAgainGoesOn() throws {
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        try connection.receive(ConnectionUnderTest.request("/1") + ConnectionUnderTest.request("/2"))
        connection.advance(seconds: 5)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try connection.answers() == ["/1", "/2"])
        connection.advance(seconds: 5)
        #expect(connection.isOpen)
    }

    @Test func afterTheLastAnswerOnlySoMuchMoreIsThrownAway() throws {
        try connection.receive(ConnectionUnderTest.request("/1", "Connection: close\r\n"))
        try connection.receive(String(repeating: "x", count: 900))
        #expect(connection.isOpen)
        try connection.receive(String(repeating: "x", count: 900))
        #expect(!connection.isOpen)
        #expect(connection.application.paths == ["/1"])
    }

    @Test func afterTheLastAnswerTheClientsOwnEndIsAwaitedButNotForLong() throws {
        try connection.receive(ConnectionUnderTest.request("/1", "Connection: close\r\n"))
        connection.advance(seconds: 1)
        #expect(connection.isOpen)
        connection.advance(seconds: 1.2)
        #expect(!connection.isOpen)
    }

    @Test func idleConnectionsGoSoonerWhenThePortIsCrowded() {
        let deadlines = ConnectionDeadlines(openedAt: .earliest)
        let later = MonotonicInstant(nanoseconds: 6_000_000_000)
        var limits = ConnectionLimits()
        Self.limits(&limits)
        limits.connectionsMax = 100
        #expect(!limits.isCrowded(open: 75))
        #expect(limits.isCrowded(open: 76))
        #expect(deadlines.overdue(at: later, limits: limits, isCrowded: false) == nil)
        #expect(deadlines.overdue(at: later, limits: limits, isCrowded: true) == .idle)
    }
}
