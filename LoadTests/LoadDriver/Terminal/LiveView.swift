import Foundation
import LoadModel

/// Draws frames on a terminal's stderr, each in the place of the one before; nothing where stderr
/// is no terminal.
struct LiveView {
    private enum Terminal {
        case none
        /// No escape sequences: one line is overwritten from its beginning.
        case dumb
        case capable(hasColor: Bool)
    }

    private static let escape = "\u{1B}["
    private static let columnsUsual = 80

    private let terminal: Terminal
    /// Lines of the frame that stands there.
    private var drawn = 0

    init(environment: [String: String] = ProcessInfo.processInfo.environment, isTerminal: Bool = isatty(STDERR_FILENO) == 1) {
        terminal =
            if !isTerminal {
                .none
            } else if environment["TERM", default: "dumb"] == "dumb" {
                .dumb
            } else {
                .capable(hasColor: environment["NO_COLOR", default: ""].isEmpty)
            }
    }

    mutating func show(_ frame: LiveFrame) {
        Self.write(text(of: frame, columns: Self.columns))
    }

    mutating func clear() {
        Self.write(textThatClears(columns: Self.columns))
    }

    /// What replaces the frame before by `frame`. A line that is wider than the terminal would take
    /// two, so it is cut.
    mutating func text(of frame: LiveFrame, columns: Int) -> String {
        switch terminal {
        case .none: return ""
        case .dumb:
            drawn = 1
            let line = frame.lines.first.map { String($0.text.prefix(columns - 1)) } ?? ""
            return "\r" + line + String(repeating: " ", count: max(0, columns - 1 - line.count))
        case .capable(let hasColor):
            let lines = frame.lines.map { line in
                let text = String(line.text.prefix(columns - 1))
                return hasColor ? Self.colored(text, line.style) : text
            }
            defer { drawn = lines.count }
            return up + lines.map { "\($0)\(Self.escape)K\n" }.joined() + "\(Self.escape)J"
        }
    }

    mutating func textThatClears(columns: Int) -> String {
        defer { drawn = 0 }
        guard drawn > 0 else { return "" }
        switch terminal {
        case .none: return ""
        case .dumb: return "\r" + String(repeating: " ", count: columns - 1) + "\r"
        case .capable: return "\(up)\(Self.escape)J"
        }
    }

    private var up: String { drawn > 0 ? "\r\(Self.escape)\(drawn)A" : "\r" }

    private static func colored(_ text: String, _ style: LiveFrame.Style) -> String {
        let code: String? =
            switch style {
            case .plain: nil
            case .good: "32"
            case .attention: "33"
            case .bad: "31"
            case .quiet: "2"
            }
        return code.map { "\(escape)\($0)m\(text)\(escape)0m" } ?? text
    }

    private static var columns: Int {
        var size = winsize()
        // The request's own struct, which it fills (ioctl_tty(2)).
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return columnsUsual }
        return Int(size.ws_col)
    }

    private static func write(_ text: String) {
        if !text.isEmpty { FileHandle.standardError.write(Data(text.utf8)) }
    }
}
