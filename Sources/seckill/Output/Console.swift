import Foundation
import Glibc

/// The terminal: data on standard output, everything else on standard error.
enum Console {
    static func data(_ text: String) { write(text, to: 1) }
    static func message(_ text: String) { write(text, to: 2) }

    /// Every line is marked as an error.
    static func error(_ text: String) {
        let mark = paint("error:", .red, on: 2)
        message(text.split(separator: "\n").map { "\(mark) \($0)" }.joined(separator: "\n"))
    }

    enum Paint: String {
        case bold = "1"
        case red = "31"
    }

    /// `text` in colour, if `handle` is a terminal and the user did not object (https://no-color.org).
    static func paint(_ text: String, _ paint: Paint, on handle: Int32) -> String {
        let environment = ProcessInfo.processInfo.environment
        let isWanted = isatty(handle) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return isWanted ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    private static func write(_ text: String, to handle: Int32) {
        var rest = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(handle, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Whoever read us has gone.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
