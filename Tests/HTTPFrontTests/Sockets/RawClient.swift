import Glibc
import NIOCore

/// A TCP client that sends whatever bytes it likes, and reads when the test says so.
final class RawClient: Sendable {
    struct Failed: Error {
        var call: String
        var code = errno
    }

    private let descriptor: Int32

    /// - Parameter receiveBufferBytes: what the kernel keeps for a client that does not read; `nil`
    ///   leaves it to the kernel.
    init(port: Int, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBufferBytes { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, socklen_t(MemoryLayout<Int32>.size)) }
        let (descriptor, address) = (descriptor, try SocketAddress(ipAddress: "127.0.0.1", port: port))
        let status = address.withSockAddr { Glibc.connect(descriptor, $0, socklen_t($1)) }
        guard status == 0 else { throw Failed(call: "connect") }
    }

    deinit { close(descriptor) }

    /// Returns when the kernel has all of it.
    func send(_ text: some StringProtocol & Sendable) async throws { try await send(Array(text.utf8)) }

    func send(_ all: [UInt8]) async throws {
        var bytes = all[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                try await Task.sleep(for: .milliseconds(1))
            } else {
                throw Failed(call: "send")
            }
        }
    }

    /// Sends nothing more, and still listens.
    func shutOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection with a reset, now.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // The number stays taken until this object goes.
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        dup2(other, descriptor)
        close(other)
    }

    /// What is here; empty when nothing is, `nil` behind the last byte. A reset counts as an end.
    func receive() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count > 0 { return Array(bytes[..<count]) }
        return count < 0 && errno == EAGAIN ? [] : nil
    }

    /// Everything until so many answers are there, or the other side has closed.
    ///
    /// - Parameter early: what was received already.
    func answers(_ countMax: Int = .max, after early: [UInt8] = []) async throws -> [WireAnswer] {
        var bytes = early
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while countMax == .max || WireAnswer.whole(in: bytes).count < countMax, let more = receive() {
            bytes += more
            guard more.isEmpty else { continue }
            guard ContinuousClock.now < deadline else { throw Failed(call: "recv", code: ETIMEDOUT) }
            try await Task.sleep(for: .milliseconds(1))
        }
        let answers = WireAnswer.whole(in: bytes)
        guard answers.reduce(0, { $0 + $1.byteCount }) == bytes.count else { throw Failed(call: "answers that are whole", code: 0) }
        return answers
    }
}

/// One answer as it stands on the wire.
struct WireAnswer: Equatable {
    var status: Int
    /// Of `X-Request-Id`.
    var id: String?
    var closes: Bool
    var byteCount: Int

    /// The answers with which `bytes` begin; what follows is not the whole of one.
    static func whole(in bytes: [UInt8]) -> [WireAnswer] {
        var answers: [WireAnswer] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            guard head.first?.hasPrefix("HTTP/1.1 ") == true, let status = Int(head[0].dropFirst(9).prefix(3)) else { break }
            func header(_ name: String) -> String? {
                head.dropFirst().first { $0.lowercased().hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
            }
            let byteCount = end.upperBound - rest.startIndex + (header("content-length").flatMap { Int($0) } ?? 0)
            guard rest.count >= byteCount else { break }
            answers.append(WireAnswer(status: status, id: header("x-request-id"), closes: header("connection") == "close", byteCount: byteCount))
            rest = rest.dropFirst(byteCount)
        }
        return answers
    }
}
