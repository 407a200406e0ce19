import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct WordScanTests {
    /// Every byte at every place of two words, among bytes at the edges of the range.
    @Test(arguments: [0x20...0x7E, 0x21...0x7E] as [ClosedRange<UInt8>])
    func theFirstByteOutsideIsFoundWhereverItStands(range: ClosedRange<UInt8>) {
        for edge in [range.lowerBound, range.upperBound] {
            for count in 0...17 {
                var bytes = [UInt8](repeating: edge, count: count)
                for place in 0..<count {
                    for byte in UInt8.min...UInt8.max {
                        bytes[place] = byte
                        let found = WordScan.firstOutside(range, in: ByteBuffer(bytes: bytes).readableBytesSpan, from: 0)
                        #expect(found == (range.contains(byte) ? count : place), "\(byte) at \(place) of \(count)")
                    }
                    bytes[place] = edge
                }
            }
        }
    }

    @Test func severalBytesOutsideGiveTheFirst() {
        var random = Xoshiro256(seed: (1, 2, 3, 4))
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Int.random(in: 0..<12, using: &random) == 0
                    ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 0x20...0x7E, using: &random)
            }
            let start = Int.random(in: 0...bytes.count, using: &random)
            let found = WordScan.firstOutside(0x21...0x7E, in: ByteBuffer(bytes: bytes).readableBytesSpan, from: start)
            #expect(found == bytes[start...].firstIndex { !(0x21...0x7E).contains($0) } ?? bytes.count, "\(bytes) from \(start)")
        }
    }

    @Test func aTextIsEqualOnlyWhenEachByteIs() {
        let text: StaticString = "POST /v1/sales/"
        let bytes = Array("xPOST /v1/sales/y".utf8)
        func isEqual(_ bytes: [UInt8]) -> Bool { WordScan.equal(ByteBuffer(bytes: bytes).readableBytesSpan, at: 1, text) }
        #expect(isEqual(bytes))
        for place in 1...15 {
            var other = bytes
            other[place] ^= 0x20
            #expect(!isEqual(other), "place \(place)")
        }
    }

    /// In a release, too: what a scanner asks for beyond the end of its bytes ends the process,
    /// rather than reading what stands there.
    @Test func nothingIsReadBeyondTheEnd() async {
        await #expect(processExitsWith: .failure) {
            let bytes = ByteBuffer(string: "POST /v1/sales")
            _ = WordScan.equal(bytes.readableBytesSpan, at: 0, "POST /v1/sales/")
        }
    }

    @Test func nothingIsWrittenBeyondTheEnd() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            buffer.writeWithOutputRawSpan(minimumWritableBytes: 8) { span in
                for _ in 0...span.freeCapacity { span.write("12345678") }
            }
        }
    }

    @Test func noTextIsWrittenBeyondTheEnd() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            let text = String(repeating: "x", count: 8)
            buffer.writeWithOutputRawSpan(minimumWritableBytes: 8) { span in
                for _ in 0...span.freeCapacity { span.write(text) }
            }
        }
    }

    @Test func noIdIsWrittenBeyondTheEnd() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            buffer.writeWithOutputRawSpan(minimumWritableBytes: 36) { span in
                for _ in 0...span.freeCapacity { span.write(OrderID(high: 1, low: 2)) }
            }
        }
    }
}
