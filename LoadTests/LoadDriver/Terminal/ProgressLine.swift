import Foundation

/// One line on a terminal's stderr that is overwritten every second; nothing where stderr is no terminal.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let clearsByEscape: Bool

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        clearsByEscape = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    func show(_ lanes: [LaneProgress], second: Int) {
        func sum<Number: AdditiveArithmetic>(_ path: KeyPath<LaneProgress, Number>) -> Number { lanes.reduce(.zero) { $0 + $1[keyPath: path] } }
        draw(
            "\(second) s  offered \(sum(\.offered))  committed \(sum(\.committed))  reserved \(sum(\.reserved))  sold out \(sum(\.soldOut))"
                + "  failed \(sum(\.failed))  in flight \(sum(\.inFlight))  waiting \(sum(\.waiting))")
    }

    func clear() {
        draw("")
    }

    private func draw(_ text: String) {
        guard isTerminal else { return }
        let line = clearsByEscape ? "\r\u{1B}[K\(text)" : "\r" + text.padding(toLength: 110, withPad: " ", startingAt: 0) + (text.isEmpty ? "\r" : "")
        FileHandle.standardError.write(Data(line.utf8))
    }
}
