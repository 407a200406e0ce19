import Glibc
import Synchronization

/// TCP ports of 127.0.0.1.
///
/// What socket calls are given is theirs for the call alone, and they are told its size.
package enum LocalPort {
    /// A port that was free a moment ago. It lies below the range from which Linux takes the near
    /// ends of connections (ip(7), `ip_local_port_range`): nobody's connection takes it meanwhile,
    /// and a client that calls a dead server is not connected to itself. Nor does this process give
    /// it twice while the server that is to listen there starts: all others come first.
    package static func free() throws(PrivateServerError) -> Int {
        for _ in range {
            let port = next.withLock { next in
                defer { next = next + 1 < range.upperBound ? next + 1 : range.lowerBound }
                return next
            }
            if isFree(port) { return port }
        }
        throw PrivateServerError(.portInUse, "no TCP port of 127.0.0.1 is free")
    }

    private static let range = 10_240..<32_768
    /// Another process most likely begins elsewhere.
    private static let next = Mutex(Int.random(in: range))

    /// `wanted` if it is free; if it is `nil`, `preferred` if that is free, or else another one.
    static func claim(_ wanted: Int?, preferred: Int? = nil, for program: String) throws(PrivateServerError) -> Int {
        guard let wanted else {
            if let preferred, isFree(preferred) { return preferred }
            return try free()
        }
        guard isFree(wanted) else {
            throw PrivateServerError(.portInUse, "port \(wanted) of 127.0.0.1, wanted by \(program), is in use")
        }
        return wanted
    }

    package static func isFree(_ port: Int) -> Bool {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        // As servers do: a port whose last connections linger in TIME_WAIT counts as free.
        var reuse: Int32 = 1
        unsafe setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(UInt16(truncatingIfNeeded: port))
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Sends `request` to `port` and returns what comes back first; `nil` when nothing does in
    /// time. Blocks.
    package static func ask(_ port: Int, _ request: String, milliseconds: Int = 200) -> String? {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return nil }
        defer { close(handle) }
        var patience = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        unsafe setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = loopback(UInt16(truncatingIfNeeded: port))
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, unsafe send(handle, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else { return nil }
        var answer = [UInt8](repeating: 0, count: 1_024)
        let count = unsafe recv(handle, &answer, answer.count, 0)
        return count > 0 ? String(decoding: answer[..<count], as: UTF8.self) : nil
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
