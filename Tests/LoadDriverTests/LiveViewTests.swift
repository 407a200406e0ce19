import LoadModel
import Testing

@testable import LoadDriver

@Suite struct LiveViewTests {
    static let frame = LiveFrame(scenario: "rush", tally: Tally(), seconds: 1, planned: 2, inFlight: 0, waiting: 0)

    static func view(_ environment: [String: String], isTerminal: Bool = true) -> LiveView {
        LiveView(environment: environment, isTerminal: isTerminal)
    }

    @Test func withoutATerminalNothingIsDrawn() {
        var view = Self.view(["TERM": "xterm"], isTerminal: false)
        #expect(view.text(of: Self.frame, columns: 80).isEmpty)
        #expect(view.textThatClears(columns: 80).isEmpty)
    }

    @Test(arguments: [["TERM": "dumb"], [:]])
    func aDumbTerminalGetsOneLineWithoutEscapes(environment: [String: String]) {
        var view = Self.view(environment)
        let text = view.text(of: Self.frame, columns: 80)
        #expect(text.hasPrefix("\rrush") && text.count == 80)
        #expect(!text.contains("\u{1B}") && !text.contains("\n"))
        #expect(view.textThatClears(columns: 80) == "\r" + String(repeating: " ", count: 79) + "\r")
    }

    @Test func aFrameTakesThePlaceOfTheOneBefore() {
        var view = Self.view(["TERM": "xterm"])
        #expect(!view.text(of: Self.frame, columns: 80).contains("A"))
        #expect(view.text(of: Self.frame, columns: 80).hasPrefix("\r\u{1B}[\(Self.frame.lines.count)A"))
        #expect(view.textThatClears(columns: 80) == "\r\u{1B}[\(Self.frame.lines.count)A\u{1B}[J")
        #expect(view.textThatClears(columns: 80).isEmpty)
    }

    @Test(arguments: [(["TERM": "xterm"], true), (["TERM": "xterm", "NO_COLOR": "1"], false), (["TERM": "xterm", "NO_COLOR": ""], true)])
    func colorIsLeftOutWhenItIsNotWanted(environment: [String: String], hasColor: Bool) {
        var view = Self.view(environment)
        #expect(view.text(of: Self.frame, columns: 80).contains("\u{1B}[2m") == hasColor)
    }

    @Test func noLineIsWiderThanTheTerminal() {
        var view = Self.view(["TERM": "xterm", "NO_COLOR": "1"])
        let lines = view.text(of: Self.frame, columns: 20).split(separator: "\n")
        #expect(lines.dropLast().allSatisfy { $0.replacing("\u{1B}[K", with: "").replacing("\r", with: "").count <= 19 })
    }
}
