import Testing

@testable import HTTPFront

/// Who asks a socket for its next bytes, and when.
@Suite(.timeLimit(.minutes(3))) struct ReadingTests {
    @Test func everyRequestOfAConnectionIsRead() async throws {
        try await SocketFront.run { front in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for client in 0..<32 {
                    tasks.addTask {
                        let connection = try RawClient(port: front.port)
                        for number in 0..<30 {
                            let id = WireRequest.id(client * 1_000 + number)
                            let request = number % 10 == 9 ? WireRequest.page(id) : WireRequest.purchase(id, sale: number % 3 == 0 ? "gone" : "demo")
                            try await connection.send(request)
                            #expect(try await connection.answers(1).map(\.id) == [id])
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test func aRequestThatComesByteForByteIsRead() async throws {
        try await SocketFront.run { front in
            for request in [WireRequest.purchase("1"), WireRequest.page("1", body: "body")] {
                let client = try RawClient(port: front.port)
                for byte in request.utf8 {
                    try await client.send(String(UnicodeScalar(byte)))
                    await Task.yield()
                }
                #expect(try await client.answers(1).map(\.id) == ["1"])
            }
        }
    }

    @Test func theRouterGetsAllOfALongBody() async throws {
        try await SocketFront.run { front in
            let client = try RawClient(port: front.port)
            try await client.send(
                WireRequest.purchase("1") + WireRequest.page("2", body: String(repeating: "x", count: 8_000)) + WireRequest.purchase("3"))
            #expect(try await client.answers(3).map(\.id) == ["1", "2", "3"])
        }
    }

    @Test func aPROXYHeaderInPiecesIsRead() async throws {
        let header: [UInt8] = [
            0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0x00, 0x0C, 203, 0, 113, 7, 127, 0, 0, 1, 0x10, 0x11,
            0, 80,
        ]
        try await SocketFront.run(usesProxyProtocol: true) { front in
            let client = try RawClient(port: front.port)
            for piece in [header[..<5], header[5..<20], header[20...]] {
                try await client.send(Array(piece))
                try await Task.sleep(for: .milliseconds(20))
            }
            for _ in 0..<3 {
                try await client.send(WireRequest.purchase("1"))
                #expect(try await client.answers(1).map(\.status) == [201])
            }
        }
    }

    @Test(arguments: [
        (["POST /x HT", "TP/2", ".0\r\nHost: h\r\n", "\r\n"], 505), (["POS", "TS /v1/sales/demo/or", "ders HTTP/1.1\r\n"], 501),
        (["PO?", "T / HTTP/1.1\r\n"], 400),
    ])
    func theRestOfALineThatCannotBeReadIsAwaited(pieces: [String], status: Int) async throws {
        try await SocketFront.run { front in
            let client = try RawClient(port: front.port)
            for piece in pieces {
                // The connection may be over at the first byte that cannot be right.
                try? await client.send(piece)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await client.answers().map(\.status) == [status])
        }
    }
}
