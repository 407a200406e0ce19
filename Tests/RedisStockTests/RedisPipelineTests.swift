import NIOCore
import NIOEmbedded
import SaleService
import Testing

@testable import RedisStock

@Suite struct RedisPipelineTests {
    /// A pipeline on a channel without a socket. `answers` holds, per command, what came of it.
    private final class Bench {
        private final class Closings {
            var reasons: [String] = []
        }

        let channel = EmbeddedChannel()
        let pipeline: RedisPipeline
        private(set) var answers: [Int: Result<RedisValue, StoreError>] = [:]
        private(set) var order: [Int] = []
        private let closings = Closings()
        var closeReasons: [String] { closings.reasons }

        init() throws {
            pipeline = RedisPipeline(replyTimeout: .seconds(5), onOpen: {}, onClose: { [closings] in closings.reasons.append($0) })
            try channel.pipeline.syncOperations.addHandler(pipeline)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        }

        func send(_ index: Int) {
            pipeline.send {
                $0.writeCommand(["ECHO", String(index)])
            } completion: { [unowned self] in
                answers[index] = $0
                order.append(index)
            }
        }

        /// What went to the socket since the last call, one element per write.
        func writes() throws -> [String] {
            channel.embeddedEventLoop.run()
            var writes: [String] = []
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) { writes.append(String(buffer: buffer)) }
            return writes
        }

        func receive(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
        }
    }

    @Test func commandsOfOneTurnGoOutInOneWrite() throws {
        let bench = try Bench()
        for index in 0..<3 { bench.send(index) }
        #expect(try bench.writes() == [(0..<3).map { "*2\r\n$4\r\nECHO\r\n$1\r\n\($0)\r\n" }.joined()])
        bench.send(3)
        #expect(try bench.writes() == ["*2\r\n$4\r\nECHO\r\n$1\r\n3\r\n"])
    }

    @Test func repliesBelongToCommandsInTheirOrder() throws {
        let bench = try Bench()
        for index in 0..<3 { bench.send(index) }
        _ = try bench.writes()
        try bench.receive(":0\r\n:1\r\n:")
        try bench.receive("2\r\n")
        #expect(bench.order == [0, 1, 2])
        #expect(bench.answers == [0: .success(.integer(0)), 1: .success(.integer(1)), 2: .success(.integer(2))])
    }

    @Test func anErrorReplyTellsAMissingScriptFromARefusal() throws {
        let bench = try Bench()
        bench.send(0)
        bench.send(1)
        _ = try bench.writes()
        try bench.receive("-NOSCRIPT No matching script.\r\n-OOM no memory\r\n")
        #expect(bench.answers == [0: .failure(.scriptMissing), 1: .failure(.refused(reason: "OOM no memory"))])
    }

    @Test func aBrokenConnectionTellsWhatWasWrittenFromWhatWasNot() throws {
        let bench = try Bench()
        bench.send(0)
        _ = try bench.writes()
        bench.send(1)
        bench.channel.pipeline.fireChannelInactive()
        let reason = "Redis closed the connection"
        #expect(bench.answers == [0: .failure(.outcomeUnknown(reason: reason)), 1: .failure(.notSent(reason: reason))])
        #expect(bench.closeReasons == [reason])
        bench.send(2)
        #expect(bench.answers[2] == .failure(.notSent(reason: reason)))
    }

    @Test(arguments: ["?\r\n", ":1\r\n:2\r\n"])
    func nonsenseClosesTheConnection(text: String) throws {
        let bench = try Bench()
        bench.send(0)
        _ = try bench.writes()
        try bench.receive(text)
        #expect(!bench.channel.isActive)
        #expect(bench.closeReasons.first?.hasPrefix("protocol error") == true)
    }

    @Test func onlySoManyCommandsAwaitTheirReply() throws {
        let bench = try Bench()
        for index in 0..<Limits.callsInFlightMax { bench.send(index) }
        #expect(bench.answers.isEmpty)
        bench.send(-1)
        #expect(bench.answers == [-1: .failure(.notSent(reason: "512 calls await Redis's answer"))])
        _ = try bench.writes()
        try bench.receive(":0\r\n")
        bench.send(-2)
        #expect(bench.answers[-2] == nil)
    }

    @Test func aMissingReplyClosesTheConnectionInTime() throws {
        let bench = try Bench()
        bench.send(0)
        _ = try bench.writes()
        bench.channel.embeddedEventLoop.advanceTime(by: .milliseconds(4_999))
        #expect(bench.channel.isActive)
        bench.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!bench.channel.isActive)
        #expect(bench.answers == [0: .failure(.outcomeUnknown(reason: "no reply from Redis in time"))])
    }

    @Test func theTimeOfACommandIsCountedFromItsOwnStart() throws {
        let bench = try Bench()
        bench.send(0)
        _ = try bench.writes()
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(3))
        bench.send(1)
        _ = try bench.writes()
        try bench.receive(":0\r\n")
        bench.channel.embeddedEventLoop.advanceTime(by: .milliseconds(4_999))
        #expect(bench.channel.isActive)
        bench.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!bench.channel.isActive)
    }

    @Test func drainingAwaitsTheRepliesAndTakesNoMoreCommands() throws {
        let bench = try Bench()
        bench.send(0)
        bench.pipeline.drain()
        bench.send(1)
        #expect(bench.answers == [1: .failure(.notSent(reason: "the connection to Redis is closing"))])
        #expect(try bench.writes().count == 1)
        #expect(bench.channel.isActive)
        try bench.receive(":7\r\n")
        #expect(bench.answers[0] == .success(.integer(7)))
        #expect(!bench.channel.isActive)
    }
}
