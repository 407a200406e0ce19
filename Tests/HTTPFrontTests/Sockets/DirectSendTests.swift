import Glibc
import Testing

@testable import HTTPFront

/// Answers past the channel, on sockets whose buffers are small: every byte arrives, in its order,
/// whatever the client does meanwhile.
@Suite(.timeLimit(.minutes(3))) struct DirectSendTests {
    private static let smallBuffer: Int32 = 4_096

    private static func refusals(_ ids: Range<Int>) -> String {
        ids.map { WireRequest.purchase(WireRequest.id($0), sale: "gone") }.joined()
    }

    @Test func aClientThatDoesNotReadForAWhileGetsEveryAnswerInItsOrder() async throws {
        try await SocketFront.run(sendBufferBytes: Self.smallBuffer) { front in
            let client = try RawClient(port: front.port, receiveBufferBytes: Self.smallBuffer)
            async let sent: Void = client.send(Self.refusals(0..<2_000) + WireRequest.purchase("last", "Connection: close\r\n"))
            try await Task.sleep(for: .milliseconds(300))
            let answers = try await client.answers()
            try await sent
            #expect(answers.map(\.id) == (0..<2_000).map(WireRequest.id) + ["last"])
            #expect(answers.map(\.status) == Array(repeating: 409, count: 2_000) + [201])
            #expect(answers.last?.closes == true)
        }
    }

    /// There is room in the kernel again, and the channel, which holds the rest of earlier answers,
    /// does not know of it yet.
    @Test(arguments: [false, true]) func anAnswerWaitsForTheRestOfThoseBeforeIt(areTheRouters: Bool) async throws {
        let ids = (0..<(areTheRouters ? 400 : 100)).map(WireRequest.id)
        let requests = ids.map { areTheRouters ? WireRequest.page($0) : WireRequest.purchase($0, sale: "gone") }.joined()
        try await SocketFront.run(sendBufferBytes: Self.smallBuffer, commitsAtOnce: false) { front in
            let client = try RawClient(port: front.port, receiveBufferBytes: Self.smallBuffer)
            try await client.send(requests + WireRequest.purchase("order"))
            try await front.waitForGrants(1)
            let early = try await front.commit {
                var bytes: [UInt8] = []
                // The kernel moves on what it has when there is room for it, a moment later.
                for _ in 0..<20 {
                    bytes += client.receive() ?? []
                    usleep(5_000)
                }
                return bytes
            }
            #expect(WireAnswer.whole(in: early).count < ids.count)
            #expect(try await client.answers(ids.count + 1, after: early).map(\.id) == ids + ["order"])
            // With everything taken, the next is the next all the same.
            try await client.send(Self.refusals(500..<501))
            #expect(try await client.answers(1).map(\.id) == [WireRequest.id(500)])
        }
    }

    @Test(arguments: [nil, smallBuffer], [1, 2, UInt64.random(in: .min ... .max)])
    func requestsOfBothKindsAreAnsweredInTheirOrder(buffer: Int32?, seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let count = 120
        let requests = (0..<count).map { number in
            let (id, headers) = (WireRequest.id(number), number == count - 1 ? "Connection: close\r\n" : "")
            return switch Int.random(in: 0..<10, using: &random) {
            case 0..<3: WireRequest.purchase(id, sale: "gone", headers)
            case 3..<6: WireRequest.purchase(id, headers)
            case 6: WireRequest.purchase(id, "TE: trailers\r\n\(headers)")
            case 7: WireRequest.page(id, headers, body: String(repeating: "x", count: Int.random(in: 1...8_000, using: &random)))
            default: WireRequest.page(id, headers)
            }
        }
        let text = requests.joined()
        var cuts = (0..<Int.random(in: 0...20, using: &random)).map { _ in Int.random(in: 1..<text.utf8.count, using: &random) }.sorted()
        cuts.append(text.utf8.count)
        let ends = cuts
        try await SocketFront.run(sendBufferBytes: buffer) { front in
            let client = try RawClient(port: front.port, receiveBufferBytes: buffer)
            async let sent: Void = {
                var start = 0
                for end in ends {
                    try await client.send(String(decoding: Array(text.utf8)[start..<end], as: UTF8.self))
                    start = end
                    try await Task.sleep(for: .milliseconds(2))
                }
            }()
            let answers = try await client.answers()
            try await sent
            #expect(answers.map(\.id) == (0..<count).map(WireRequest.id), "seed \(seed)")
            #expect(answers.last?.closes == true)
        }
    }

    @Test func aPurchaseThatWantsToBeToldToGoOnIsToldSoBehindTheAnswersBeforeIt() async throws {
        try await SocketFront.run { front in
            let client = try RawClient(port: front.port)
            let request = WireRequest.purchase("2", "Expect: 100-continue\r\n")
            let head = request.firstRange(of: "\r\n\r\n")!.upperBound
            try await client.send(Self.refusals(1..<2) + request[..<head])
            #expect(try await client.answers(2).map(\.status) == [409, 100])
            try await client.send(request[head...] + Self.refusals(3..<4))
            #expect(try await client.answers(2).map(\.status) == [201, 409])
        }
    }

    // MARK: Ends

    @Test(arguments: [false, true]) func aClientThatIsGoneWhenItsAnswerComesEndsItsConnectionAlone(isNoticed: Bool) async throws {
        try await SocketFront.run(commitsAtOnce: false) { front in
            let (gone, other) = (try RawClient(port: front.port), try RawClient(port: front.port))
            try await gone.send(WireRequest.purchase("1"))
            try await other.send(WireRequest.purchase("2"))
            try await front.waitForGrants(2)
            if isNoticed {
                gone.reset()
                try await front.waitForConnections(1)
                try await front.commit()
            } else {
                // The answer is written before the event loop has heard of the reset.
                try await front.commit(after: gone.reset)
            }
            #expect(try await other.answers(1).map(\.id) == ["2"])
            try await front.waitForConnections(1)
        }
    }

    @Test func aClientThatSendsNothingMoreGetsWhatItIsOwed() async throws {
        try await SocketFront.run(commitsAtOnce: false) { front in
            let client = try RawClient(port: front.port)
            try await client.send(WireRequest.purchase("1", sale: "gone") + WireRequest.purchase("2"))
            client.shutOutput()
            try await front.waitForGrants(1)
            #expect(try await client.answers(1).map(\.id) == ["1"])
            try await front.commit()
            let answers = try await client.answers()
            #expect(answers.map(\.id) == ["2"])
            #expect(answers.allSatisfy { $0.closes })
            try await front.waitForConnections(0)
        }
    }

    @Test func aServerThatStopsSendsTheRestOfWhatItHasBegun() async throws {
        try await SocketFront.run(sendBufferBytes: Self.smallBuffer, commitsAtOnce: false) { front in
            let client = try RawClient(port: front.port, receiveBufferBytes: Self.smallBuffer)
            try await client.send(Self.refusals(0..<100) + WireRequest.purchase("order"))
            try await front.waitForGrants(1)
            front.quiesce()
            try await Task.sleep(for: .milliseconds(50))
            try await front.commit()
            let answers = try await client.answers()
            #expect(answers.map(\.id) == (0..<100).map(WireRequest.id) + ["order"])
            #expect(answers.last?.closes == true)
            try await front.waitForConnections(0)
        }
    }

    @Test func aClientThatNeverReadsIsCutOff() async throws {
        try await SocketFront.run(sendBufferBytes: Self.smallBuffer) { limits in
            limits.responseWrite = 300_000_000
            limits.sweepInterval = 50_000_000
        } _: { front in
            let client = try RawClient(port: front.port, receiveBufferBytes: Self.smallBuffer)
            async let sent: Void? = try? await client.send(Self.refusals(0..<3_000))
            try await front.waitForConnections(1)
            try await front.waitForConnections(0)
            _ = await sent
        }
    }
}
