/// Beside what `SaleCore` writes.
extension OutputRawSpan {
    mutating func write(_ text: StaticString) {
        write(text.bytes)
    }

    mutating func write(_ bytes: RawSpan) {
        precondition(bytes.byteCount <= freeCapacity, "there is no room for a text")
        // Safe: the room was checked, and neither pointer leaves its closure.
        unsafe withUnsafeMutableBytes { memory, count in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            unsafe bytes.withUnsafeBytes { unsafe free.copyMemory(from: $0) }
            count += bytes.byteCount
        }
    }
}
