package import SaleCore

/// The parameters of one execution in Postgres's binary form, one after the other in one block
/// (https://www.postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES: integers are
/// big-endian).
package struct PostgresParameters: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each parameter lies in `bytes`; `nil` for SQL's null.
    private(set) var ranges: [Range<Int>?] = []

    package init() {}

    package var byteCount: Int { bytes.count }

    /// - Parameter byteCount: how many bytes to make room for.
    init(reserving byteCount: Int) {
        bytes.reserveCapacity(byteCount)
    }

    // MARK: Scalars

    package mutating func int64(_ value: Int64) { parameter { $0.put(value) } }
    package mutating func int32(_ value: Int32) { parameter { $0.put(value) } }
    package mutating func bool(_ value: Bool) { parameter { $0.bytes.append(value ? 1 : 0) } }
    package mutating func timestamp(_ value: Timestamp) { int64(value.postgresMicroseconds) }
    package mutating func text(_ value: String) { parameter { $0.bytes.append(contentsOf: value.utf8) } }

    package mutating func text(_ value: String?) {
        if let value { text(value) } else { ranges.append(nil) }
    }

    package mutating func int64(_ value: Int64?) {
        if let value { int64(value) } else { ranges.append(nil) }
    }

    package mutating func int32(_ value: Int32?) {
        if let value { int32(value) } else { ranges.append(nil) }
    }

    package mutating func order(_ value: OrderID) {
        parameter {
            $0.put(value.high)
            $0.put(value.low)
        }
    }

    package mutating func timestamp(_ value: Timestamp?) {
        if let value { timestamp(value) } else { ranges.append(nil) }
    }

    package mutating func order(_ value: OrderID?) {
        if let value { order(value) } else { ranges.append(nil) }
    }

    // MARK: Arrays

    package mutating func int32s<Elements: Collection>(_ elements: Elements, _ value: (Elements.Element) -> Int32) {
        array(of: .int4, elements) { parameters, element in
            parameters.put(Int32(4))
            parameters.put(value(element))
        }
    }

    package mutating func int64s<Elements: Collection>(_ elements: Elements, _ value: (Elements.Element) -> Int64) {
        array(of: .int8, elements) { parameters, element in
            parameters.put(Int32(8))
            parameters.put(value(element))
        }
    }

    package mutating func timestamps<Elements: Collection>(_ elements: Elements, _ value: (Elements.Element) -> Timestamp) {
        array(of: .timestamptz, elements) { parameters, element in
            parameters.put(Int32(8))
            parameters.put(value(element).postgresMicroseconds)
        }
    }

    /// - Parameter value: as Postgres counts.
    mutating func timestamps<Elements: Collection>(microseconds elements: Elements, _ value: (Elements.Element) -> Int64) {
        array(of: .timestamptz, elements) { parameters, element in
            parameters.put(Int32(8))
            parameters.put(value(element))
        }
    }

    package mutating func orders<Elements: Collection>(_ elements: Elements, _ value: (Elements.Element) -> OrderID) {
        array(of: .uuid, elements) { parameters, element in
            let id = value(element)
            parameters.put(Int32(16))
            parameters.put(id.high)
            parameters.put(id.low)
        }
    }

    package mutating func texts<Elements: Collection>(_ elements: Elements, _ value: (Elements.Element) -> String?) {
        array(of: .text, elements) { parameters, element in
            guard let text = value(element) else { return parameters.put(Int32(-1)) }
            parameters.put(Int32(text.utf8.count))
            parameters.bytes.append(contentsOf: text.utf8)
        }
    }

    /// `nil` is SQL's null, and not an empty list.
    package mutating func texts(_ elements: [String]?) {
        if let elements { texts(elements) { $0 } } else { ranges.append(nil) }
    }

    /// Object ids of element types, fixed in Postgres's `pg_type.dat`.
    private enum ElementType: Int32 {
        case int8 = 20
        case int4 = 23
        case text = 25
        case timestamptz = 1184
        case uuid = 2950
    }

    /// One dimension, counted from 1.
    private mutating func array<Elements: Collection>(
        of type: ElementType, _ elements: Elements, _ append: (inout Self, Elements.Element) -> Void
    ) {
        parameter { parameters in
            parameters.put(Int32(elements.isEmpty ? 0 : 1))
            parameters.put(Int32(1))
            parameters.put(type.rawValue)
            guard !elements.isEmpty else { return }
            parameters.put(Int32(elements.count))
            parameters.put(Int32(1))
            for element in elements { append(&parameters, element) }
        }
    }

    // MARK: Bytes

    private mutating func parameter(_ write: (inout Self) -> Void) {
        let start = bytes.count
        write(&self)
        ranges.append(start..<bytes.count)
    }

    private mutating func put(_ value: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Calls `body` with what `PQsendQueryPrepared` takes: values, their lengths, and 1 for binary
    /// in each format. Valid during the call only.
    func withPointers<Value>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> Value
    ) -> Value {
        // An empty value is not null: it too needs an address, also when there is no other byte.
        let block = bytes.isEmpty ? [0] : bytes
        return unsafe block.withUnsafeBufferPointer { block in
            let start = unsafe UnsafeRawPointer(block.baseAddress!).assumingMemoryBound(to: CChar.self)
            let values: [UnsafePointer<CChar>?] = unsafe ranges.map { range in unsafe range.map { unsafe start + $0.lowerBound } }
            let lengths = ranges.map { Int32($0?.count ?? 0) }
            let formats = [Int32](repeating: 1, count: ranges.count)
            return unsafe values.withUnsafeBufferPointer { values in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(Int32(ranges.count), values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
