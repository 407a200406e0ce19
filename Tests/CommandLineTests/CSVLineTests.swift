import Testing

@testable import seckill

@Suite struct CSVLineTests {
    private func line(_ cells: String...) -> String { CSVLine.text(cells.map { ($0, false) }) }

    @Test func aRecordEndsInCRLFAndQuotesWhatItMust() {
        #expect(line("a", "b") == "a,b\r\n")
        #expect(line("a,b", "say \"hi\"", "two\nlines", " x", "") == "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" x\",\r\n")
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
    func noCellIsTakenForAFormula(text: String) {
        let cell = line(text).drop { $0 == "\"" }
        #expect(cell.hasPrefix("'"), "\(cell)")
    }

    @Test func aNumberStaysANumber() {
        #expect(CSVLine.text([("-5", true), ("7", true)]) == "-5,7\r\n")
    }
}
