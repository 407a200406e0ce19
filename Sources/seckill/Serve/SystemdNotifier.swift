import Foundation
import Glibc

/// Tells systemd how the service fares: datagrams to `NOTIFY_SOCKET` (sd_notify(3)).
struct SystemdNotifier: Sendable {
    private let path: String
    /// Half of what systemd waits before it holds the service for dead, as sd_watchdog_enabled(3)
    /// advises; `nil` when it keeps no watch.
    private let watchdogInterval: Duration?

    /// `nil` when systemd did not start us, or does not want to know.
    init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@"), path.utf8.count < 108 else { return nil }
        self.path = path
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let period = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        watchdogInterval = isForUs ? period.map { .microseconds($0 / 2) } : nil
    }

    func ready() { send("READY=1") }
    func stopping() { send("STOPPING=1", mayWait: false) }

    /// Reports that the service lives, as long as it does; returns when the task is cancelled.
    func keepAlive(while isServing: @Sendable () async -> Bool) async {
        guard let watchdogInterval else { return }
        while !Task.isCancelled {
            // A loop that is stuck does not answer, so nothing is sent and systemd starts us anew.
            if await isServing() { send("WATCHDOG=1", mayWait: false) }
            try? await Task.sleep(for: watchdogInterval)
        }
    }

    /// - Parameter mayWait: whether it may block until a listener that is behind has read;
    ///   otherwise the message is lost, rather than a thread.
    private func send(_ state: String, mayWait: Bool = true) {
        let handle = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return }
        defer { close(handle) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        // The abstract namespace: its names begin with a zero byte and are as long as the address
        // says (unix(7)).
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        // The path fits, or we were not made.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.count)
        // Socket addresses begin alike; the call is told how long this one is, and keeps nothing of
        // what it is given.
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe sendto(handle, state, state.utf8.count, Int32(MSG_NOSIGNAL) | (mayWait ? 0 : Int32(MSG_DONTWAIT)), address, length)
            }
        }
    }
}
