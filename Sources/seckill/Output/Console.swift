import Foundation
import Glibc
import PrivateServers
import Synchronization

/// The terminal: data on standard output, everything else on standard error.
enum Console {
    /// The `errno` of the first write of data that failed.
    private static let dataFailure = Mutex<Int32?>(nil)

    static func data(_ text: String) {
        guard let error = write(text, to: 1) else { return }
        dataFailure.withLock { $0 = $0 ?? error }
    }

    /// Nobody reads any more, or there is no room: whoever goes on for ever may stop.
    static var hasDataFailed: Bool { dataFailure.withLock { $0 != nil } || hasReaderGone }

    /// The other end of the pipe is closed: whoever has nothing to write would never hear of it.
    private static var hasReaderGone: Bool {
        var output = pollfd(fd: 1, events: 0, revents: 0)
        // The kernel reads and writes one `pollfd`.
        return unsafe poll(&output, 1, 0) == 1 && Int32(output.revents) & POLLERR != 0
    }

    /// What cannot be said is not a failure: what was asked for stands on standard output.
    static func message(_ text: String) { _ = write(text, to: 2) }

    /// Ends standard output.
    ///
    /// - Returns: why some of the data did not arrive; `nil` when all did, and when whoever read
    ///   them has gone, as `head` does.
    static func endData() -> String? {
        // Some file systems tell only now that there was no room.
        let closing: Int32? = close(1) == 0 ? nil : errno
        let error = dataFailure.withLock { $0 } ?? closing
        guard let error, error != EPIPE else { return nil }
        return "standard output: \(errorText(error))"
    }

    /// A descriptor below 3 that our caller closed would be given to the next socket, and data
    /// would be written into it. Whatever is written to this one fails.
    static func holdMissingStreams() {
        // The call keeps nothing of the path.
        while case let handle = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC), handle >= 0 {
            guard handle > 2 else { continue }
            close(handle)
            return
        }
    }

    /// Somebody is there to answer.
    static var canAsk: Bool { isatty(0) == 1 && isatty(2) == 1 }

    /// The line that somebody types after `question`, without white space around it; empty at the
    /// end of the input.
    static func ask(_ question: String) -> String {
        _ = write(question, to: 2, endsLine: false)
        return (readLine() ?? "").trimmingCharacters(in: .whitespaces)
    }

    /// Every line is marked as an error.
    static func error(_ text: String) {
        let mark = paint("error:", .red, on: 2)
        message(text.split(separator: "\n").map { "\(mark) \($0)" }.joined(separator: "\n"))
    }

    /// What is wrong with a command line, with how it is used on the lines below.
    static func usageError(_ text: String) { message("\(paint("error:", .red, on: 2)) \(text)") }

    enum Paint: String {
        case bold = "1"
        case red = "31"
    }

    /// `text` in colour, if `handle` is a terminal and the user did not object
    /// (https://no-color.org).
    static func paint(_ text: String, _ paint: Paint, on handle: Int32) -> String {
        let environment = ProcessInfo.processInfo.environment
        let isWanted = isatty(handle) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return isWanted ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// - Returns: the `errno` of a write that failed.
    private static func write(_ text: String, to handle: Int32, endsLine: Bool = true) -> Int32? {
        // Of bytes: CR and LF are one character.
        let isComplete = text.utf8.last == UInt8(ascii: "\n") || !endsLine
        var rest = Array((isComplete ? text : text + "\n").utf8)[...]
        while !rest.isEmpty {
            // The bytes are the call's for the call alone.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(handle, $0.baseAddress, $0.count) }
            guard count < 0 else {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Somebody who shares the pipe has made it non-blocking.
                var wanted = pollfd(fd: handle, events: Int16(POLLOUT), revents: 0)
                // The call keeps nothing of the one it is given.
                unsafe poll(&wanted, 1, -1)
            case let error: return error
            }
        }
        return nil
    }
}
