import Glibc
import NIOCore

/// A connection's socket, to write to it past the channel: NIO's way of a write costs more than
/// half of what the kernel's does.
///
/// Valid while the channel is active: its number may be another connection's afterwards.
struct AnswerSocket {
    private let descriptor: CInt

    /// `nil` for a channel without a socket.
    init?(of channel: any Channel) {
        guard let handle = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, { $0 }) else {
            return nil
        }
        descriptor = handle
    }

    /// How many of `bytes`, from the first, the kernel has taken. Never waits, and tells of no
    /// failure: whoever writes the rest by the channel hears of it there.
    func send(_ bytes: RawSpan) -> Int {
        // Safe: send(2) reads so many bytes, and the pointer does not leave the closure. Without
        // MSG_NOSIGNAL, a client that has gone would end the process.
        unsafe bytes.withUnsafeBytes { unsafe max(0, Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))) }
    }
}
