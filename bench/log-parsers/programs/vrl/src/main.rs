//! Vector's remap language over the lines of a file: `vrl-peer PROGRAM.vrl INPUT OUTPUT`. Each line is the field `message` of
//! an event; what the program leaves of the event is written as one line of JSON. One thread, no source, no buffer, no sink
//! of Vector around it.
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use vrl::compiler::runtime::Runtime;
use vrl::compiler::{TargetValue, TimeZone, compile};
use vrl::value::{ObjectMap, Secrets, Value};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("usage: vrl-peer PROGRAM.vrl INPUT OUTPUT");
    let source = std::fs::read_to_string(argument()).expect("the program can be read");
    let mut input = BufReader::with_capacity(256 * 1024, File::open(argument()).expect("the input can be read"));
    let mut output = BufWriter::with_capacity(256 * 1024, File::create(argument()).expect("the output can be written"));
    let compiled = compile(&source, &vrl::stdlib::all()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let (mut runtime, zone) = (Runtime::default(), TimeZone::default());
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).expect("the input can be read") > 0 {
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let mut event = ObjectMap::new();
        event.insert("message".into(), Value::from(line.as_slice()));
        let mut target = TargetValue {
            value: Value::Object(event),
            metadata: Value::Object(ObjectMap::new()),
            secrets: Secrets::new(),
        };
        // A line that the program refuses is written as it came, as Vector passes it on.
        let _ = runtime.resolve(&mut target, &compiled.program, &zone);
        runtime.clear();
        serde_json::to_writer(&mut output, &target.value).expect("the output can be written");
        output.write_all(b"\n").expect("the output can be written");
        line.clear();
    }
    output.flush().expect("the output can be written");
}
