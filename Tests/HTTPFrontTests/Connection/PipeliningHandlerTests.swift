import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HTTPFront

@Suite struct PipeliningHandlerTests {
    private static func requests(_ paths: String...) -> String {
        paths.map { ConnectionUnderTest.request($0) }.joined()
    }

    @Test func pipelinedRequestsAreAnsweredOneAfterTheOther() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(Self.requests("/1", "/wait", "/2", "/3"))
        #expect(try connection.answers() == ["/1"])
        #expect(connection.application.paths == ["/1", "/wait"])
        connection.application.answer()
        #expect(try connection.answers() == ["/wait", "/2", "/3"])
    }

    /// It would have to be told that the connection stays open, and waits for its end otherwise.
    @Test(arguments: ["", "Connection: Keep-Alive\r\n", "Connection: keep-alive\r\nHost: h\r\n"])
    func aClientOfHTTP10IsToldThatItsConnectionCloses(headers: String) throws {
        let connection = try ConnectionUnderTest()
        try connection.receive("GET /1 HTTP/1.0\r\n\(headers)\r\n" + Self.requests("/2"))
        let text = try connection.sent()
        #expect(text.contains("X-Path: /1\r\n"))
        #expect(text.contains("Connection: close\r\n"))
        #expect(connection.application.paths == ["/1"])
        connection.advance(seconds: 3)
        #expect(!connection.isOpen)
    }

    /// Handed on from inside the writing of the answer before, each would stand on the stack of the
    /// one before.
    @Test func hundredsOfPipelinedRequestsBehindOneThatWaitsDoNotNest() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(Self.requests("/wait") + String(repeating: Self.requests("/x"), count: 1_000))
        connection.application.answer()
        #expect(try connection.answers().count == 1_001)
        #expect(connection.application.depthMax <= 2)
    }

    @Test func whatIsPipelinedBeyondTheLimitIsNotAnsweredAndTheConnectionEnds() throws {
        let connection = try ConnectionUnderTest { $0.pipelinedPartsMax = 20 }
        try connection.receive(Self.requests("/wait") + String(repeating: Self.requests("/x"), count: 1_000))
        connection.application.answer()
        #expect(try connection.answers().count == 11)
        connection.advance(seconds: 3)
        #expect(!connection.isOpen)
    }

    @Test func aMalformedRequestAfterGoodOnesIsAnsweredAfterTheirAnswersAndIsTheLast() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(Self.requests("/wait", "/1") + "GET / HTTP/1.1\r\nHost h\r\n\r\n" + Self.requests("/2"))
        #expect(try connection.answers() == [])
        connection.application.answer()
        let text = try connection.sent()
        #expect(text.matches(of: #/HTTP/1\.1 ([0-9]{3})/#).map { String($0.1) } == ["200", "200", "400"])
        #expect(text.matches(of: #/Connection: close/#).count == 1)
        #expect(connection.application.paths == ["/wait", "/1"])
        connection.advance(seconds: 3)
        #expect(!connection.isOpen)
    }

    @Test func aBodyThatCannotBeReadAfterAnEarlyAnswerGetsNoSecondOne() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(ConnectionUnderTest.request("/early", "Content-Length: 5\r\n") + "123")
        #expect(try connection.answers() == ["/early"])
        try connection.receive("45" + Self.requests("/1"))
        #expect(try connection.answers() == ["/1"])
        try connection.receive(ConnectionUnderTest.request("/early", "Transfer-Encoding: chunked\r\n") + "zz\r\n")
        #expect(try connection.answers() == ["/early"])
        connection.advance(seconds: 3)
        #expect(!connection.isOpen)
    }

    @Test(arguments: ["Transfer-Encoding: chunked\r\n", "Content-Length: 1000000000\r\n", "Content-Length: 9223372036854775808\r\n"])
    func anAnswerBeforeALongBodyEndsTheConnection(header: String) throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(ConnectionUnderTest.request("/early", header))
        #expect(try connection.sent().contains("Connection: close"))
    }

    @Test func aClientThatAsksForItIsClosedAfterItsAnswer() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(ConnectionUnderTest.request("/1", "Connection: close\r\n") + Self.requests("/2"))
        let text = try connection.sent()
        #expect(text.contains("X-Path: /1") && text.contains("Connection: close") && !text.contains("/2"))
    }

    /// The decoder reads nothing more after such a request, so nobody may wait for it.
    @Test func anUpgradeIsNotAgreedToAndEndsTheConnection() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(ConnectionUnderTest.request("/1", "Connection: Upgrade\r\nUpgrade: h2c\r\n"))
        #expect(try connection.sent().contains("Connection: close"))
    }

    @Test func aClientThatOnlyListensAnyMoreGetsItsAnswers() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(Self.requests("/wait", "/1"))
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(connection.isOpen)
        connection.application.answer()
        #expect(try connection.answers() == ["/wait", "/1"])
        #expect(!connection.isOpen)
    }

    @Test func aClientThatEndsBetweenRequestsIsClosed() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(Self.requests("/1"))
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!connection.isOpen)
    }

    // MARK: Stopping

    /// Accepted in the moment in which the service stops: it may never open, and then nobody would
    /// read it, or close it.
    @Test func aConnectionThatIsToldToStopBeforeItIsOpenEndsAtOnce() throws {
        let connection = try ConnectionUnderTest(isConnected: false)
        var hasEnded = false
        connection.channel.closeFuture.assumeIsolated().whenComplete { _ in hasEnded = true }
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        connection.channel.embeddedEventLoop.run()
        #expect(hasEnded)
    }

    @Test func anIdleConnectionEndsWhenTheServerStops() throws {
        let connection = try ConnectionUnderTest()
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        connection.advance(seconds: 3)
        #expect(!connection.isOpen)
    }

    @Test(arguments: ["GET /1 HTTP/1.1\r\nHo", "GET /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n1"])
    func aRequestThatIsComingWhenTheServerStopsIsAnsweredAndIsTheLast(start: String) throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(start)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try connection.receive(start.hasSuffix("1") ? "23" : "st: h\r\n\r\n")
        let text = try connection.sent()
        #expect(text.contains("X-Path: /1") && text.contains("Connection: close"))
    }

    @Test func aRequestThatAwaitsItsAnswerWhenTheServerStopsGetsItAndThoseBehindItDoNot() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(Self.requests("/wait", "/1"))
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        connection.application.answer()
        let text = try connection.sent()
        #expect(text.contains("X-Path: /wait") && text.contains("Connection: close") && !text.contains("X-Path: /1"))
    }

    @Test func everyAnswerIsTheLastOfItsConnectionOnceTheDrainIsAnnounced() throws {
        let connection = try ConnectionUnderTest()
        try connection.receive(Self.requests("/1"))
        #expect(try connection.sent().contains("Connection: close") == false)
        connection.environment.drain.announce()
        try connection.receive(Self.requests("/2"))
        #expect(try connection.sent().contains("Connection: close"))
    }
}
